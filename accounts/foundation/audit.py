"""The audit trail: services change rows through these verbs, so that no change goes without its entry."""

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Value
from django.db.models.fields.files import FieldFile
from django.db.models.functions import Cast, JSONObject
from django.utils.functional import Promise

from accounts.foundation import many
from accounts.foundation.models import AuditEntry
from accounts.foundation.records import Record
from accounts.foundation.scope import behalf

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
        behalf_of_id=behalf(obj, by),
        door=_door.get(),
        verb=verb,
        object_type=obj._meta.label_lower.partition(".")[2],
        object_id=str(obj.pk),
        account_id=account_of(obj),
        before=_readable(obj, before or {}),
        after=_readable(obj, after or {}),
    )


def create(obj: M, *, verb: str, by: Any, at: dt.datetime) -> M:
    """Inserts `obj` with its entry; what was left empty is left out of the entry."""
    obj.save(force_insert=True)
    values = {field.attname: getattr(obj, field.attname) for field in obj._meta.concrete_fields}
    record(verb, obj, by=by, at=at, after={name: value for name, value in values.items() if value not in (None, "")})
    return obj


def created_together(
    rows: models.QuerySet[Any], *, verb: str, by: Any, at: dt.datetime, after: Mapping[str, Any]
) -> int:
    """Writes the entry of each of `rows`, which one statement created; as many statements as for one.

    `after` maps field names to values, or to expressions over `rows`.
    """
    model = rows.model
    values = {name: value if _is_expression(value) else _constant(model, name, value) for name, value in after.items()}
    return many.insert_from(
        AuditEntry,
        rows,
        at=at,
        **({"actor_id": by.pk} if by else {}),
        door=_door.get(),
        verb=verb,
        object_type=model._meta.model_name,
        object_id=Cast("pk", models.CharField(max_length=80)),
        **({"account_id": F(f"{model.ACCOUNT_PATH}_id")} if model.ACCOUNT_PATH else {}),
        before={},
        after=JSONObject(**values),
    )


def _is_expression(value: Any) -> bool:
    return hasattr(value, "resolve_expression")


def _constant(model: type[Record], name: str, value: Any) -> Value:
    return Value(_readable(model(), {name: value})[name])


def update(obj: M, *, verb: str, by: Any, at: dt.datetime, because: Any = "", **values: Any) -> dict[str, Any]:
    """Sets the given fields, saves those that changed with one entry; returns what they were before.

    The entry keeps `because`, the reason that a person gave, beside the new values.
    """
    before = {name: getattr(obj, name) for name, value in values.items() if getattr(obj, name) != value}
    if not before:
        return {}
    for name in before:
        setattr(obj, name, values[name])
    obj.save(update_fields=list(before))
    reason = {"because": because} if because else {}
    record(verb, obj, by=by, at=at, before=before, after={name: values[name] for name in before} | reason)
    return before


def delete(obj: Record, *, verb: str, by: Any, at: dt.datetime) -> None:
    """Deletes `obj`, leaving its last values in the trail."""
    values = {field.attname: getattr(obj, field.attname) for field in obj._meta.concrete_fields}
    record(verb, obj, by=by, at=at, before=values)
    obj.delete()


def account_of(obj: Record) -> int | None:
    """The id of the account that a row belongs to; None where it belongs to none."""
    if obj.ACCOUNT_PATH == "":
        return obj.pk
    if obj.ACCOUNT_PATH is None:
        return None
    found: Any = obj
    for step in obj.ACCOUNT_PATH.split("__"):
        found = getattr(found, step) if found else None
    return found.pk if found else None


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
    if isinstance(value, FieldFile):
        return value.name
    return value
