import datetime as dt
from contextlib import ExitStack
from dataclasses import dataclass
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
from accounts.privacy import staying_away
from accounts.privacy.copying import Copy
from accounts.privacy.mentions import Mention, mentions
from accounts.privacy.models import ErasedName, PersonRequest
from accounts.privacy.person import Person, Trace, gather, traces

Kind = PersonRequest.Kind


@dataclass(frozen=True)
class Holding:
    """What we hold about a person in one kind of row, and what erasing would do to it."""

    trace: Trace
    count: int
    deletes: bool
    """Whether whole rows go; else their personal fields are emptied."""

    @property
    def label(self) -> str:
        """What such rows are called."""
        return str(
            self.trace.model._meta.verbose_name if self.count == 1 else self.trace.model._meta.verbose_name_plural
        )


@dataclass(frozen=True)
class Plan:
    """Everything about one person: rows that an erasure changes, and words that a human being has to look at."""

    person: Person
    holdings: list[Holding]
    mentions: list[Mention]
    """Found by looking through all free text, which takes its time: see `mentions.piece`."""


class NobodyFound(ValidationError):
    """We hold nothing about such a person."""


def plan(person: Person) -> Plan:
    """What we hold about `person`, and what an erasure would do. Writes nothing."""
    found = holding(person)
    return Plan(person, found.holdings, mentions(person))


def holding(person: Person) -> Plan:
    """The same without the words that name them, so at once."""
    gather(person)
    return Plan(person, _holdings(person), [])


def _holdings(person: Person) -> list[Holding]:
    counted = [(trace, trace.rows(person).count()) for trace in traces.values()]
    return [Holding(trace, count, deletes(trace.model)) for trace, count in counted if count]


def deletes(model: type[Record]) -> bool:
    """Whether erasing deletes rows of `model`."""
    return any(one.erase == "delete_row" for one in model.PERSONAL.values())


@transaction.atomic
def copy_of(person: Person, *, by: Any, at: dt.datetime) -> tuple[PersonRequest, Copy]:
    """What we hold about `person`, to be read from now on, and the request that says that it was handed out.

    Raises NobodyFound where there is nothing.
    """
    found = Plan(gather(person), _holdings(person), [])
    request = _noted(Kind.COPY, found, by=by, at=at)
    return request, Copy(person, [one.trace for one in found.holdings], made_at=at)


def erase(person: Person, *, by: Any, at: dt.datetime) -> PersonRequest:
    """Removes what is personal from every row about `person`, and sees to it that nothing brings them back.

    Counts, dates and the fact that somebody was there stay, about nobody. Words that name the person are not touched:
    they are listed in the request, for a human being to decide. Raises NobodyFound where there is nothing.
    """
    words = mentions(gather(person))  # looked for through all free text, so before anybody has to wait
    with transaction.atomic(), ExitStack() as lanes:
        for name in ("fold", "facts"):  # nothing may arrive about the person meanwhile
            lanes.enter_context(lane(name))
        found = Plan(gather(person), _holdings(person), words)
        request = _noted(Kind.ERASURE, found, by=by, at=at)
        _remember(person, request)
        for one in found.holdings:
            _erase(one.trace, one.trace.model._base_manager.filter(pk__in=_ids(one.trace, person)), at=at)
        accounts = Account.objects.filter(pk__in=person.accounts)
        happened_to_many("person.erased", [Happening(account, request) for account in accounts], by=by, at=at)
        events.mark(sorted(person.accounts), DirtyAccount.Pass.FACTS, at=at)
    return request


def _ids(trace: Trace, person: Person) -> Any:
    return many.among(list(trace.rows(person).values_list("pk", flat=True)))


def _noted(kind: str, found: Plan, *, by: Any, at: dt.datetime) -> PersonRequest:
    if not found.holdings:
        raise NobodyFound("We hold nothing about such a person.")
    rows = {one.trace.model._meta.label: one.count for one in found.holdings}
    places = [mention.place for mention in found.mentions]
    request = PersonRequest(kind=kind, at=at, by=by, rows=rows, mentions=places)
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
