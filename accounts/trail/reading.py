"""Entries of the trail as people read them: who did what to which thing, for whom, and from what to what.

An entry holds ids; this looks the names up, for all entries of a page at once and only as far as the reader may see.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from accounts.foundation import money
from accounts.foundation.audit import HIDDEN
from accounts.foundation.models import AuditEntry
from accounts.foundation.records import Record
from accounts.team.models import User
from accounts.trail import words
from accounts.workspace.queries import base_currency

LONGEST = 300
MACHINE = "Holdfast"
Names = Mapping[type[models.Model], Mapping[str, str]]


@dataclass(frozen=True)
class Change:
    """One field of an entry: its name, and its values as words."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Told:
    """One entry as a sentence with its evidence."""

    entry: AuditEntry
    who: str
    behalf: str
    """For whom the one who did it stood in; empty where for nobody."""
    what: str
    kind: str
    name: str
    """Empty where the thing is gone, or not the reader's to see."""
    owner: str
    """Of a thing without a name, what it belonged to; empty where the entry does not tell."""
    door: str
    changes: Sequence[Change]

    @property
    def sentence(self) -> str:
        """Maya Okafor closed the work item “Call Acme”."""
        thing = f"“{self.name}”" if self.name else self.lost
        return f"{self.who} {self.what} {self.kind} {thing}"

    @cached_property
    def link(self) -> str:
        """The page of the thing; empty where it has none, or none that the reader sees."""
        model = kinds().get(self.entry.object_type)
        return page_of(model, self.entry.object_id) if model and self.name else ""

    @property
    def lost(self) -> str:
        """What is said instead of a name: whose it was, as far as the entry tells."""
        return f"of “{self.owner}” (gone, or not yours to see)" if self.owner else "that is gone, or not yours to see"


@cache
def kinds() -> dict[str, type[Record]]:
    """Every kind of thing that an entry may be about, by the name it has there."""
    return {str(model._meta.model_name): model for model in apps.get_models() if issubclass(model, Record)}


def told(entries: Sequence[AuditEntry], *, reader: User) -> list[Told]:
    """The entries as sentences, in their order; as many queries as there are kinds of things on the page."""
    names = _names(entries, reader)
    return [_told(entry, names) for entry in entries]


def _told(entry: AuditEntry, names: Names) -> Told:
    model = kinds().get(entry.object_type)
    people = names.get(User, {})
    name = names.get(model, {}).get(entry.object_id, "") if model else ""
    return Told(
        entry=entry,
        who=people.get(str(entry.actor_id), "Somebody") if entry.actor_id else MACHINE,
        behalf=people.get(str(entry.behalf_of_id), "somebody") if entry.behalf_of_id else "",
        what=words.past(entry.verb),
        kind=str(model._meta.verbose_name) if model else entry.object_type,
        name=name,
        owner="" if name or not model else _owner(entry, model, names),
        door=words.door(entry.door),
        changes=_changes(entry, model, names),
    )


def _owner(entry: AuditEntry, model: type[Record], names: Names) -> str:
    """The first thing, in the order of the fields, to which the values of the entry say that its thing belonged."""
    values = {name.removesuffix("_id"): value for name, value in (entry.before | entry.after).items()}
    relations: list[Any] = [field for field in model._meta.concrete_fields if field.is_relation]
    owners = (names.get(one.related_model, {}).get(str(values.get(one.name)), "") for one in relations)
    return next(filter(None, owners), "")


def page_of(model: type[models.Model], pk: Any) -> str:
    """The address of a row's page in the console; empty where rows of its kind have none."""
    try:
        return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[pk])
    except NoReverseMatch:
        return ""


def _names(entries: Iterable[AuditEntry], reader: User) -> dict[type[models.Model], dict[str, str]]:
    """For each model the names of the rows that the entries mention, by id."""
    wanted: dict[type[models.Model], set[Any]] = {User: set()}
    for entry in entries:
        wanted[User] |= {entry.actor_id, entry.behalf_of_id} - {None}
        if model := kinds().get(entry.object_type):
            wanted.setdefault(model, set()).add(entry.object_id)
            for name, value in [*entry.before.items(), *entry.after.items()]:
                other = _related(model, name)
                if other and isinstance(value, (int, str)) and value != HIDDEN:
                    wanted.setdefault(other, set()).add(value)
    return {model: _named(model, ids, reader) for model, ids in wanted.items() if ids}


def _named(model: type[models.Model], ids: set[Any], reader: User) -> dict[str, str]:
    rows: Any = model._default_manager.filter(pk__in=[pk for pk in ids if _is_id(model, pk)])
    if model is not User:  # whoever reads the trail reads who did it
        rows = rows.for_user(reader)
    parents = _parents(model)
    return {str(row.pk): str(row) for row in (rows.select_related(*parents) if parents else rows)}


def _is_id(model: type[models.Model], pk: Any) -> bool:
    """Whether a row of `model` could have this id: what the trail holds was written when the table was another one."""
    try:
        return model._meta.pk.to_python(pk) is not None
    except ValidationError:
        return False


def _parents(model: type[models.Model]) -> list[str]:
    """What the name of a row may be made of."""
    return [field.name for field in model._meta.concrete_fields if field.is_relation]


def _field(model: type[models.Model] | None, name: str) -> Any:
    if model is None:
        return None
    for one in (name, name.removesuffix("_id")):
        try:
            return model._meta.get_field(one)
        except FieldDoesNotExist:
            continue
    return None


def _related(model: type[models.Model], name: str) -> type[models.Model] | None:
    field = _field(model, name)
    return field.related_model if field is not None and field.is_relation and field.concrete else None


def _changes(entry: AuditEntry, model: type[Record] | None, names: Names) -> list[Change]:
    values = {**entry.before, **entry.after}
    found = [name for name in values if name != "id"]
    currency = str(values.get("currency") or "")
    return [
        Change(
            _label(model, name),
            _text(model, name, entry.before.get(name), names, currency),
            _text(model, name, entry.after.get(name), names, currency),
        )
        for name in found
    ]


def _label(model: type[models.Model] | None, name: str) -> str:
    field = _field(model, name)
    label = str(field.verbose_name) if field is not None and hasattr(field, "verbose_name") else name
    return label.removesuffix("_id").removesuffix(" minor").removesuffix("_minor").replace("_", " ").capitalize()


def _text(model: type[models.Model] | None, name: str, value: Any, names: Names, currency: str) -> str:
    """One value in words."""
    if value in (None, "", [], {}):
        return "nothing"
    if value == HIDDEN:
        return "not shown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if other := _related(model, name) if model else None:
        return names.get(other, {}).get(str(value), f"a {other._meta.verbose_name} that is gone, or not yours to see")
    if name.endswith("_minor") and isinstance(value, int):
        return money.shown(value, currency or base_currency())
    field = _field(model, name)
    choices = dict(getattr(field, "flatchoices", None) or [])
    return str(choices[value]) if isinstance(value, str) and value in choices else plain(value)


def plain(value: Any) -> str:
    """A value without a field that explains it: days and instants as people write them, lists as lists."""
    if isinstance(value, str):
        return _dated(value)[:LONGEST]
    if isinstance(value, list):
        return ", ".join(plain(one) for one in value)[:LONGEST]
    if isinstance(value, dict):
        pairs = (f"{str(name).replace('_', ' ')} {plain(one)}" for name, one in value.items())
        return ", ".join(pairs)[:LONGEST]
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "nothing" if value is None else str(value)


def _dated(text: str) -> str:
    if not text[:4].isdigit():
        return text
    try:
        instant, day = parse_datetime(text), parse_date(text)
    except ValueError:
        return text
    if instant and timezone.is_aware(instant):
        return f"{timezone.localtime(instant):%d %b %Y, %H:%M}"
    return f"{day:%d %b %Y}" if isinstance(day, dt.date) else text
