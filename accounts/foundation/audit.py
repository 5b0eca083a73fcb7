"""The audit trail: services change rows through these verbs, so that no change goes without its entry."""

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.functional import Promise

from accounts.foundation.models import AuditEntry
from accounts.foundation.records import Record

M = TypeVar("M", bound=Record)

_door: ContextVar[str] = ContextVar("door", default="job")
HIDDEN = "(personal)"


@contextmanager
def through(door: str) -> Iterator[None]:
    """Names the door (console, api, import, command, job) for everything done inside."""
    token = _door.set(door)
    try:
        yield
    finally:
        _door.reset(token)


def record(
    verb: str,
    obj: Record,
    *,
    by: Any,
    at: dt.datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> AuditEntry:
    """Writes one entry about `obj`; `before` and `after` map field names to values."""
    return AuditEntry.objects.create(
        at=at,
        actor_id=getattr(by, "pk", None),
        door=_door.get(),
        verb=verb,
        object_type=obj._meta.label_lower.partition(".")[2],
        object_id=str(obj.pk),
        account_id=_account_id(obj),
        before=_readable(obj, before or {}),
        after=_readable(obj, after or {}),
    )


def create(obj: M, *, verb: str, by: Any, at: dt.datetime) -> M:
    """Inserts `obj` with its entry; what was left empty is left out of the entry."""
    obj.save(force_insert=True)
    values = {field.attname: getattr(obj, field.attname) for field in obj._meta.concrete_fields}
    record(verb, obj, by=by, at=at, after={name: value for name, value in values.items() if value not in (None, "")})
    return obj


def update(obj: M, *, verb: str, by: Any, at: dt.datetime, **values: Any) -> dict[str, Any]:
    """Sets the given fields, saves those that changed with one entry; returns what they were before."""
    before = {name: getattr(obj, name) for name, value in values.items() if getattr(obj, name) != value}
    if not before:
        return {}
    for name in before:
        setattr(obj, name, values[name])
    obj.save(update_fields=list(before))
    record(verb, obj, by=by, at=at, before=before, after={name: values[name] for name in before})
    return before


def delete(obj: Record, *, verb: str, by: Any, at: dt.datetime) -> None:
    """Deletes `obj`, leaving its last values in the trail."""
    values = {field.attname: getattr(obj, field.attname) for field in obj._meta.concrete_fields}
    record(verb, obj, by=by, at=at, before=values)
    obj.delete()


def _account_id(obj: Record) -> int | None:
    if obj.ACCOUNT_PATH == "":
        return obj.pk
    if obj.ACCOUNT_PATH is None:
        return None
    for step in obj.ACCOUNT_PATH.split("__"):
        obj = getattr(obj, step)
    return obj.pk


def _readable(obj: Record, values: dict[str, Any]) -> dict[str, Any]:
    """`values` as JSON; rows become ids, values of personal and secret fields are hidden."""
    hidden = obj.PERSONAL.keys() | obj.SECRET
    shown = {
        name: HIDDEN if name.removesuffix("_id") in hidden and value else _plain(value)
        for name, value in values.items()
    }
    return json.loads(json.dumps(shown, cls=DjangoJSONEncoder))


def _plain(value: Any) -> Any:
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, Promise):
        return str(value)
    return value
