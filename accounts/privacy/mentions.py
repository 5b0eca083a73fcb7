"""Words of ours that name a person: found by searching, and left to a human being to decide about."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Q

from accounts.foundation.records import Record
from accounts.privacy.person import Person, traces

SHORTEST_NAME = 4
"""A shorter name would be found within other words."""
MOST = 500
STEP_S = 1.0
"""So long a search goes on before it says how far it is."""
AROUND = 60


@dataclass(frozen=True)
class Mention:
    """One field of one row that names the person."""

    model: type[Record]
    pk: Any
    field: str
    excerpt: str
    """The words around the name; shown, never stored."""

    @property
    def label(self) -> str:
        """What such a row is called."""
        return str(self.model._meta.verbose_name)

    @property
    def place(self) -> dict[str, Any]:
        """Where it is, without a word of it."""
        return {"model": self.model._meta.label, "id": self.pk, "field": self.field}


def mentions(person: Person) -> list[Mention]:
    """Where free text names `person` outside of the rows about them: addresses anywhere, names at their accounts."""
    found: list[Mention] = []
    for model in searched():
        found += _in_model(model, worded(model), person)
        if len(found) >= MOST:
            break
    return found[:MOST]


@dataclass(frozen=True)
class Piece:
    """What one part of the search brought to light."""

    found: list[Mention]
    place: int
    """How many kinds of rows were looked through, with those of the pieces before."""
    whole: int
    is_end: bool


def piece(person: Person, place: int, *, found: int = 0, seconds: float = STEP_S) -> Piece:
    """Goes on with the search where `place` kinds of rows are done and `found` mentions known, for some `seconds`."""
    kinds, until = searched(), time.monotonic() + seconds
    more: list[Mention] = []
    while place < len(kinds) and found + len(more) < MOST:
        more += _in_model(kinds[place], worded(kinds[place]), person)
        place += 1
        if time.monotonic() >= until:
            break
    more = more[: max(0, MOST - found)]
    return Piece(more, place, len(kinds), place >= len(kinds) or found + len(more) >= MOST)


def searched() -> list[type[Record]]:
    """The models in whose rows somebody may have written about a person, always in one order."""
    return [model for model in apps.get_models() if issubclass(model, Record) and worded(model)]


def worded(model: type[Record]) -> list[str]:
    """The fields of `model` in which somebody may have written about a person."""
    texts = [f.name for f in model._meta.concrete_fields if isinstance(f, models.TextField)]
    chars = [name for name in model.PERSONAL if isinstance(model._meta.get_field(name), models.CharField)]
    return [name for name in dict.fromkeys([*texts, *chars]) if name not in model.SECRET]


def _in_model(model: type[Record], fields: list[str], person: Person) -> Iterator[Mention]:
    trace = traces.get(model._meta.label)
    if trace and trace.learn:
        return  # each of its rows is a person: a namesake is somebody else
    rows = model._base_manager.exclude(trace.about(person)) if trace else model._base_manager.all()
    for name in fields:
        asked = _asked(model, name, person)
        for pk, text in rows.filter(asked).values_list("pk", name)[:MOST] if asked else ():
            yield Mention(model, pk, name, _excerpt(str(text), person))


def _asked(model: type[Record], name: str, person: Person) -> Q | None:
    found = None
    for address in sorted(person.emails):
        found = (found or Q(pk__in=[])) | Q(**{f"{name}__icontains": address})
    if model.ACCOUNT_PATH is not None:
        at_theirs = Q(**{f"{model.ACCOUNT_PATH or 'pk'}__in": sorted(person.accounts)})
        for words in _searchable(person):
            found = (found or Q(pk__in=[])) | (at_theirs & Q(**{f"{name}__icontains": words}))
    return found


def _searchable(person: Person) -> list[str]:
    return sorted(name for name in person.names if len(name) >= SHORTEST_NAME)


def _excerpt(text: str, person: Person) -> str:
    lowered = text.lower()
    places = [lowered.find(word.lower()) for word in [*person.emails, *_searchable(person)]]
    start = max(0, min([place for place in places if place >= 0] or [0]) - AROUND)
    piece = " ".join(text[start : start + 3 * AROUND].split())
    return f"{'… ' if start else ''}{piece}{' …' if start + 3 * AROUND < len(text) else ''}"
