"""Words of ours that name a person: found by searching, and left to a human being to decide about."""

import math
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Q

from accounts.foundation.records import Record
from accounts.privacy.models import MOST
from accounts.privacy.person import Person, traces

SHORTEST_NAME = 4
"""A shorter name would be found within other words."""
STEP_S = 1.0
"""So long a search goes on before it says how far it is."""
ROWS_AT_ONCE = 2_000
"""So few that even long texts are looked through within a part of a second."""
AROUND = 60
LATE = 200
"""So many rows below the last id a search begins to look again: they may have been numbered, and not yet written."""


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
    return piece(person, seconds=math.inf).found


@dataclass(frozen=True)
class Place:
    """How far a search is: so many kinds of rows are looked through, and of the next kind those up to this id."""

    kinds: int = 0
    upto: int = 0

    def __str__(self) -> str:
        return f"{self.kinds}:{self.upto}"

    @classmethod
    def of(cls, text: str) -> "Place":
        """What such a text says; the beginning where it says nothing."""
        found = re.fullmatch(r"(\d{1,4}):(\d{1,18})", text, re.ASCII)
        return cls(int(found[1]), int(found[2])) if found else cls()


@dataclass(frozen=True)
class Piece:
    """What one part of the search brought to light."""

    found: list[Mention]
    place: Place
    """Where the next piece goes on."""
    whole: int
    """How many kinds of rows there are to look through."""
    is_end: bool

    @property
    def looked(self) -> float:
        """How many kinds of rows are looked through, with the part that is done of the next one."""
        if self.is_end or not self.place.upto:
            return float(self.place.kinds)
        last = searched()[self.place.kinds]._base_manager.aggregate(last=models.Max("pk"))["last"]
        return self.place.kinds + min(1.0, self.place.upto / (last or self.place.upto))


def piece(person: Person, place: Place = Place(), *, found: int = 0, seconds: float = STEP_S) -> Piece:
    """Goes on with the search at `place`, where `found` mentions are known, for about so many seconds."""
    kinds, until = searched(), time.monotonic() + seconds
    more: list[Mention] = []
    while place.kinds < len(kinds) and found + len(more) < MOST:
        model = kinds[place.kinds]
        rows, upto = _next_rows(model, place.upto)
        more += _among(rows, model, person)
        place = Place(place.kinds, upto) if upto else Place(place.kinds + 1)
        if time.monotonic() >= until:
            break
    more = more[: max(0, MOST - found)]
    return Piece(more, place, len(kinds), place.kinds >= len(kinds) or found + len(more) >= MOST)


def last_ids() -> tuple[int, ...]:
    """The last id of each kind of rows that is searched, in their order."""
    return tuple(model._base_manager.aggregate(last=models.Max("pk"))["last"] or 0 for model in searched())


def since(person: Person, ends: Sequence[int]) -> list[Mention]:
    """Words that name `person` in rows that came after the last ids `ends`, and anywhere at their accounts.

    What a search passed by while it went on: there may be new rows, and other words in the old ones at their accounts.
    """
    found: dict[tuple[str, Any, str], Mention] = {}
    for model, end in zip(searched(), ends, strict=True):
        rows = [model._base_manager.filter(pk__gt=end - LATE)]
        if model.ACCOUNT_PATH is not None:
            rows.append(model._base_manager.filter(_at_accounts(model, person)))
        for some in rows:
            found |= {(model._meta.label, one.pk, one.field): one for one in _among(some, model, person)}
    return list(found.values())[:MOST]


def searched() -> list[type[Record]]:
    """The models in whose rows somebody may have written about a person, always in one order.

    Where each row is a person, a namesake is somebody else: those are not searched.
    """
    ours = [model for model in apps.get_models() if issubclass(model, Record) and worded(model)]
    return [model for model in ours if not (trace := traces.get(model._meta.label)) or not trace.learn]


def worded(model: type[Record]) -> list[str]:
    """The fields of `model` in which somebody may have written about a person."""
    texts = [f.name for f in model._meta.concrete_fields if isinstance(f, models.TextField)]
    chars = [name for name in model.PERSONAL if isinstance(model._meta.get_field(name), models.CharField)]
    return [name for name in dict.fromkeys([*texts, *chars]) if name not in model.SECRET]


def _next_rows(model: type[Record], after: int) -> tuple[models.QuerySet[Any], int]:
    """A bounded number of rows beyond the id `after`, and the id of the last one; 0 where these are the last ones."""
    rows = model._base_manager.filter(pk__gt=after)
    last = rows.order_by("pk").values_list("pk", flat=True)[ROWS_AT_ONCE - 1 : ROWS_AT_ONCE].first()
    return (rows.filter(pk__lte=last), last) if last else (rows, 0)


def _among(rows: models.QuerySet[Any], model: type[Record], person: Person) -> Iterator[Mention]:
    if trace := traces.get(model._meta.label):
        rows = rows.exclude(trace.about(person))
    for name in worded(model):
        asked = _asked(model, name, person)
        for pk, text in rows.filter(asked).values_list("pk", name)[:MOST] if asked else ():
            yield Mention(model, pk, name, _excerpt(str(text), person))


def _asked(model: type[Record], name: str, person: Person) -> Q | None:
    found = None
    for address in sorted(person.emails):
        found = (found or Q(pk__in=[])) | Q(**{f"{name}__icontains": address})
    if model.ACCOUNT_PATH is not None:
        at_theirs = _at_accounts(model, person)
        for words in _searchable(person):
            found = (found or Q(pk__in=[])) | (at_theirs & Q(**{f"{name}__icontains": words}))
    return found


def _at_accounts(model: type[Record], person: Person) -> Q:
    return Q(**{f"{model.ACCOUNT_PATH or 'pk'}__in": sorted(person.accounts)})


def _searchable(person: Person) -> list[str]:
    return sorted(name for name in person.names if len(name) >= SHORTEST_NAME)


def _excerpt(text: str, person: Person) -> str:
    lowered = text.lower()
    places = [lowered.find(word.lower()) for word in [*person.emails, *_searchable(person)]]
    start = max(0, min([place for place in places if place >= 0] or [0]) - AROUND)
    piece = " ".join(text[start : start + 3 * AROUND].split())
    return f"{'… ' if start else ''}{piece}{' …' if start + 3 * AROUND < len(text) else ''}"
