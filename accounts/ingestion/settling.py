"""What a batch of signals means: whose each one is, and what it leaves behind."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from accounts.events import services as events
from accounts.events.models import DirtyAccount
from accounts.foundation import many
from accounts.foundation.clock import now
from accounts.foundation.many import among
from accounts.identity.queries import accounts_called
from accounts.ingestion import erased, mapping, milestones, people, signals, tally, visits
from accounts.ingestion.activity import Used
from accounts.ingestion.batches import Batch, Reason, held, store_held
from accounts.ingestion.intents import Seen
from accounts.ingestion.models import SignalEvent, SignalPayload
from accounts.ingestion.people import People, Person
from accounts.ingestion.registry import listeners
from accounts.ingestion.repeats import without_repeats
from accounts.ingestion.signals import PAGES, Signal
from accounts.portfolio.events import Happening, happened_to_many
from accounts.portfolio.models import Account
from accounts.workspace.models import Source

INTERPRETED = {"track", "identify", "group"}
"""Of these calls we keep what they say; every other one is stored as it came."""
EVENT = ("day", "source_id", "message", "type", "name", "account_id", "product_user_id", "at")


class Placed(NamedTuple):
    """A signal of an account, or of nobody's account, that is kept."""

    signal: Signal
    account_id: int | None
    person: Person | None


@dataclass
class Places:
    """Where the signals of a batch go."""

    kept: list[Placed] = field(default_factory=list)
    visits: list[Signal] = field(default_factory=list)
    waiting: list[tuple[Signal, str]] = field(default_factory=list)


def settle(batch: Batch) -> set[str]:
    """Stores what `batch` says, once; returns the users who belong to another account since."""
    source, plan, gone = batch.source, mapping.in_force(), erased.taken_out(batch)
    fresh = without_repeats(batch.signals, source=source)
    known = people.named_in(fresh, source=source)
    places = _places(fresh, known)
    known.store()
    _leave(places.kept, source=source, plan=plan)
    new_visits = visits.hold(places.visits, source=source)
    waiting = [*batch.held, *(held(signal, source, reason) for signal, reason in places.waiting)]
    new_waiting = store_held(waiting, source)
    _attach(known, plan)
    tally.count_items(
        source,
        came=[*(one.received_at for one in [*batch.signals, *gone]), *(row.received_at for row in batch.held)],
        accepted=[one.received_at for one in [*(kept.signal for kept in places.kept), *new_visits, *gone]],
        quarantined=[item.received_at for item in new_waiting],
    )
    return known.tied


def _places(fresh: Iterable[Signal], known: People) -> Places:
    places = Places()
    accounts = accounts_called({signal.group for signal in fresh if signal.group}, source=known.source)
    for signal in fresh:
        person = known.behind(signal)
        account_id, reason = _account_of(signal, accounts, person)
        if reason and _is_visit(signal, reason):
            places.visits.append(signal)
        elif reason:
            places.waiting.append((signal, reason))
        else:
            if person:
                known.learn(person, signal, account_id)
            places.kept.append(Placed(signal, account_id, person))
    return places


def _account_of(signal: Signal, accounts: dict[str, int], person: Person | None) -> tuple[int | None, str | None]:
    """The account a signal belongs to, or the reason why it has to wait."""
    if signal.group:
        account_id = accounts.get(signal.group)
        return account_id, None if account_id else Reason.UNKNOWN_ACCOUNT
    if person and person.account_id:
        return person.account_id, None
    if signal.type in ("identify", "alias"):
        return None, None
    return None, Reason.NO_ACCOUNT


def _is_visit(signal: Signal, reason: str) -> bool:
    """Whoever looks around before we know them makes no error; a user who works without an account does."""
    return reason == Reason.NO_ACCOUNT and (signal.type in PAGES or not signal.user)


@dataclass
class Said:
    """What kept signals say about use, milestones, intent and names, gathered in memory and written at once."""

    source: Source
    plan: mapping.Mapping

    def __post_init__(self) -> None:
        self.used, self.seen = Used(source=self.source, features=self.plan.features), Seen(self.plan)
        self.names, self.reached = tally.Names(), milestones.Reached()

    def note(self, signal: Signal, account_id: int | None, person: Person | None) -> None:
        """One of them. Sends no statement."""
        at = signal.happened_at
        if signal.type != "track":
            if account_id is not None:
                self.seen.note(account_id, person.external_id if person else signal.anonymous, signal)
            return
        self.names.note(signal.name, at)
        if account_id is None:
            return
        if person and person.id:
            self.used.note(account_id, person.id, signal.name, at)
        for milestone in self.plan.milestones.get(signal.name, ()):
            self.reached[account_id, milestone] = min(at, self.reached.get((account_id, milestone), at))

    def store(self) -> set[int]:
        """Writes everything; returns the ids of the accounts of which something changed."""
        self.names.store(self.source)
        return self.used.store() | self.seen.store() | milestones.store(self.reached)


def _leave(kept: list[Placed], *, source: Source, plan: mapping.Mapping) -> None:
    """Stores kept signals, and what they say."""
    said, whole = Said(source, plan), []
    with many.writing(SignalEvent, EVENT) as store:  # a server stores them while we gather what they say
        for one in sorted(kept, key=_account):  # rows that point to one account are checked and indexed together
            if one.signal.type in INTERPRETED or not one.signal.raw:
                store(_event(*one, source.pk))
            else:
                whole.append(one)
            said.note(*one)
    _store_whole(whole, source=source)
    for listener in listeners.values():
        listener(source, ((one.signal, one.account_id) for one in kept if one.account_id))
    events.mark(said.store(), DirtyAccount.Pass.FACTS, at=now())


def _account(one: Placed) -> int:
    return one.account_id or 0


def _store_whole(whole: list[Placed], *, source: Source) -> None:
    """Stores signals that are kept as they came."""
    stored = [SignalEvent(**dict(zip(EVENT, _event(*one, source.pk), strict=True))) for one in whole]
    many.insert(SignalEvent, stored)
    payloads = zip(stored, whole, strict=True)
    many.write(SignalPayload, ("event_id", "item"), [(row.pk, signals.shown(one.signal.raw)) for row, one in payloads])


def _event(signal: Signal, account_id: int | None, person: Person | None, source_id: int) -> tuple[Any, ...]:
    user_id = None if person is None else person.id
    return signal.day, source_id, signal.message, signal.type, signal.name, account_id, user_id, signal.at


def _attach(known: People, plan: mapping.Mapping) -> None:
    """Signals that were held until their visitor was known become the account's, and the timeline tells of it."""
    for earlier in visits.taken_back(known):
        kept = []
        for signal in without_repeats(earlier, source=known.source):
            person = known.users[signal.user]
            person.learn(signal, person.account_id)
            kept.append(Placed(signal, person.account_id, person))
        known.store()
        _leave(kept, source=known.source, plan=plan)
        _tell_of(kept, plan)


def _tell_of(kept: list[Placed], plan: mapping.Mapping) -> None:
    visits: dict[Any, list[Signal]] = {}
    for signal, account_id, _ in kept:
        visits.setdefault(account_id, []).append(signal)
    told = []
    for account in Account.objects.filter(pk__in=among(visits)):
        theirs = visits[account.pk]
        told.append(Happening(account, data=_told_of(theirs, plan), at=max(one.happened_at for one in theirs)))
    happened_to_many("visits.attached", told, by=None, at=now())


def _told_of(visits: list[Signal], plan: mapping.Mapping) -> dict[str, Any]:
    """How many visits, from when to when, and what the pages among them were about."""
    days = [one.happened_at.date() for one in visits]
    intents = {intent.name for one in visits if one.path for intent in plan.intents_of(one.path)}
    return {
        "visits": len(visits),
        "from": min(days).isoformat(),
        "to": max(days).isoformat(),
        "intents": sorted(intents),
    }
