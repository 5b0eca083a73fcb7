import copy
import datetime as dt
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Value
from django.db.models.functions import Cast, Concat

from accounts.events import services as events
from accounts.events.models import DirtyAccount
from accounts.foundation import audit, many
from accounts.foundation.lanes import lane
from accounts.foundation.records import Personal, Record
from accounts.portfolio.events import Happening, happened_to_many
from accounts.portfolio.models import Account
from accounts.privacy import searching, staying_away
from accounts.privacy.copying import Copy
from accounts.privacy.mentions import LATE, STEP_S
from accounts.privacy.models import ErasedName, PersonRequest
from accounts.privacy.person import Person, Trace, gather, traces
from accounts.privacy.searching import Search

Kind = PersonRequest.Kind


@dataclass(frozen=True)
class Holding:
    """What we hold about a person in one kind of row, and what erasing would do to it."""

    trace: Trace
    ids: list[Any]
    deletes: bool
    """Whether whole rows go; else their personal fields are emptied."""

    @property
    def count(self) -> int:
        """How many rows they are."""
        return len(self.ids)

    @property
    def label(self) -> str:
        """What such rows are called."""
        return str(
            self.trace.model._meta.verbose_name if self.count == 1 else self.trace.model._meta.verbose_name_plural
        )


@dataclass(frozen=True)
class Plan:
    """The rows about one person, and what an erasure would do to them. Words that name them: see `mentions`."""

    person: Person
    holdings: list[Holding]


@dataclass(frozen=True)
class Seen:
    """Rows of one kind that were looked through before nothing may arrive: those about `person`, and the last one."""

    person: Person
    ids: list[Any]
    last: int


class NobodyFound(ValidationError):
    """We hold nothing about such a person."""


def plan(person: Person) -> Plan:
    """What we hold about `person`, and what an erasure would do. Writes nothing."""
    gather(person)
    return Plan(person, _holdings(person))


def _holdings(person: Person, seen: Mapping[str, Seen] = MappingProxyType({})) -> list[Holding]:
    held = [(trace, _ids(trace, person, seen.get(label))) for label, trace in traces.items()]
    return [Holding(trace, ids, deletes(trace.model)) for trace, ids in held if ids]


def _ids(trace: Trace, person: Person, seen: Seen | None = None) -> list[Any]:
    rows = trace.rows(person)
    if seen is None or seen.person != person:
        return list(rows.values_list("pk", flat=True))
    again = [rows.filter(pk__in=many.among(seen.ids)), rows.filter(pk__gt=seen.last)]
    return sorted({pk for some in again for pk in some.values_list("pk", flat=True)})


def _looked_through(person: Person) -> dict[str, Seen]:
    """What takes long to find, found before an erasure keeps everything else waiting."""
    gather(person)
    seen = {}
    for label, trace in traces.items():
        if trace.grows:
            last = trace.model._base_manager.aggregate(last=models.Max("pk"))["last"] or 0
            seen[label] = Seen(copy.deepcopy(person), _ids(trace, person), last - LATE)
    return seen


def deletes(model: type[Record]) -> bool:
    """Whether erasing deletes rows of `model`."""
    return any(one.erase == "delete_row" for one in model.PERSONAL.values())


@transaction.atomic
def copy_of(person: Person, *, by: Any, at: dt.datetime) -> tuple[PersonRequest, Copy]:
    """What we hold about `person`, to be read from now on, and the request that says that it was handed out.

    Raises NobodyFound where there is nothing.
    """
    found = plan(person)
    request = _noted(Kind.COPY, found, words=(), by=by, at=at)
    return request, Copy(person, [one.trace for one in found.holdings], made_at=at)


def look(person: Person, so_far: str, *, asked: str, seconds: float = STEP_S) -> Search:
    """Goes on for some seconds with the search for words that name `person`, which an erasure needs whole.

    `so_far` is the search as it was sealed for whoever `asked`; without it one begins. Raises NobodyFound where there
    is nothing about the person.
    """
    search = searching.so_far(so_far, asked)
    gather(person)
    if search == Search() and not any(trace.rows(person).exists() for trace in traces.values()):
        raise NobodyFound("We hold nothing about such a person.")
    return search.further(person, seconds=seconds)


def erase(person: Person, *, search: Search, by: Any, at: dt.datetime) -> PersonRequest:
    """Removes what is personal from every row about `person`, and sees to it that nothing brings them back.

    Counts, dates and the fact that somebody was there stay, about nobody. Words that name the person, as `search` found
    them or as they were written since, are not touched: they are listed in the request, for a human being to decide.
    Raises NobodyFound where there is nothing.
    """
    seen = _looked_through(person)
    with transaction.atomic(), ExitStack() as lanes:
        for name in ("fold", "facts"):  # nothing may arrive about the person meanwhile
            lanes.enter_context(lane(name))
        found = Plan(person, _holdings(gather(person), seen))
        request = _noted(Kind.ERASURE, found, words=search.words(person), by=by, at=at)
        _remember(person, request)
        for one in found.holdings:
            _erase(one.trace, one.trace.model._base_manager.filter(pk__in=many.among(one.ids)), at=at)
        accounts = Account.objects.filter(pk__in=person.accounts)
        happened_to_many("person.erased", [Happening(account, request) for account in accounts], by=by, at=at)
        events.mark(sorted(person.accounts), DirtyAccount.Pass.FACTS, at=at)
    return request


def _noted(kind: str, found: Plan, *, words: Iterable[dict[str, Any]], by: Any, at: dt.datetime) -> PersonRequest:
    if not found.holdings:
        raise NobodyFound("We hold nothing about such a person.")
    rows = {one.trace.model._meta.label: one.count for one in found.holdings}
    request = PersonRequest(kind=kind, at=at, by=by, rows=rows, mentions=list(words))
    return audit.create(request, verb=f"person.{kind}", by=by, at=at)


def _remember(person: Person, request: PersonRequest) -> None:
    names = {staying_away.email(address) for address in person.emails}
    names |= {staying_away.called(source, value) for source, value in person.called}
    new = names - staying_away.among(names)
    ErasedName.objects.bulk_create(
        ErasedName(digest=digest, request=request) for digest in staying_away.digests(sorted(new))
    )


def _erase(trace: Trace, rows: models.QuerySet[Any], *, at: dt.datetime) -> None:
    if deletes(trace.model):
        many.delete_all(rows)
        return
    cleared = {
        name: _emptied(trace.model, name, one) for name, one in trace.model.PERSONAL.items() if one.erase == "clear"
    }
    rows.update(**cleared)
    if trace.also:
        trace.also(rows, at)


def _emptied(model: type[Record], name: str, personal: Personal) -> Any:
    before, mark, after = personal.instead.partition("{id}")
    if mark:
        return Concat(Value(before), Cast(F("pk"), models.CharField()), Value(after))
    field = model._meta.get_field(name)
    return None if field.null and not personal.instead else personal.instead


def settle(request: PersonRequest, *, by: Any, at: dt.datetime) -> PersonRequest:
    """Says that somebody has looked at the words that named the person."""
    if not request.is_open:
        raise ValidationError("Nothing of this request is left to look at.")
    audit.update(request, verb="person.settle", by=by, at=at, settled_at=at)
    return request


def come_back(name: str, *, by: Any, at: dt.datetime) -> None:
    """Forgets that the person called `name` (see `staying_away`) was erased, as they wish: all their names at once."""
    known = ErasedName.objects.filter(digest__in=staying_away.digests([name]))
    for one in ErasedName.objects.filter(request__in=list(known.values_list("request", flat=True))):
        audit.delete(one, verb="person.come_back", by=by, at=at)
