"""Product users and visitors, as the signals of one source tell of them."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

import msgspec

from accounts.foundation import many
from accounts.foundation.many import among, among_texts
from accounts.ingestion.models import SignalEvent, Visitor
from accounts.ingestion.signals import Signal
from accounts.ingestion.wire import clean
from accounts.stakeholders.models import ProductUser
from accounts.workspace.models import Source

TRAITS = {"name": 200, "email": 254, "role": 80, "team": 80}
"""Traits of a user that we keep, and their lengths."""
LEARNT = ("account_id", *TRAITS, "first_seen_at", "last_seen_at")


class Person(msgspec.Struct):
    """One product user: the row as it is, or as it will be."""

    id: int | None
    external_id: str
    account_id: int | None
    name: str
    email: str
    role: str
    team: str
    first_seen_at: dt.datetime
    last_seen_at: dt.datetime | None
    tied_at: dt.datetime | None = None
    is_changed: bool = False
    is_seen: bool = False
    """Whether it was seen later than the row says: of most people a batch says no more."""

    def learn(self, signal: Signal, account_id: int | None) -> bool:
        """Takes over what `signal` says; True when it tied the user to another account."""
        at = signal.happened_at
        if at < self.first_seen_at:
            self.first_seen_at, self.is_changed = at, True
        if signal.type == "track" and (self.last_seen_at is None or at > self.last_seen_at):
            self.last_seen_at, self.is_seen = at, True
        if signal.type == "identify" and signal.traits:
            self._describe(signal.traits)
        return signal.type == "group" and account_id is not None and self._tie(account_id, at=at)

    def _describe(self, traits: Any) -> None:
        for name, length in TRAITS.items():
            text = getattr(traits, name)
            if isinstance(text, str) and (text := clean(text)):
                setattr(self, name, text[:length])
                self.is_changed = True

    def _tie(self, account_id: int, *, at: dt.datetime) -> bool:
        """A group call ties the user to its account, unless a later one was heard of before it."""
        if self.tied_at and at < self.tied_at:
            return False
        if self.account_id not in (None, account_id) and _tied_after(self, at):
            return False
        is_new = self.account_id != account_id
        self.tied_at, self.account_id, self.is_changed = at, account_id, self.is_changed or is_new
        return is_new


class People:
    """The product users whom a batch of signals names, by their id in the source, and who its visitors are."""

    def __init__(self, source: Source, users: dict[str, Person], visitors: dict[str, tuple[str, dt.datetime]]) -> None:
        self.source, self.users, self.visitors = source, users, visitors
        self.met: dict[str, tuple[str, dt.datetime]] = {}
        """Visitors of whom the batch says something new."""
        self.tied: set[str] = set()
        """Users who belong to another account than before."""

    def behind(self, signal: Signal) -> Person | None:
        """Whose signal it is; None where nobody knows yet. Notes who a visitor is where the signal names both."""
        if not signal.user:
            return self.users.get(self.visitors[signal.anonymous][0]) if signal.anonymous in self.visitors else None
        if signal.anonymous and signal.anonymous != signal.user:
            self._meet(signal.anonymous, signal.user, signal.happened_at)
        return self.users[signal.user]

    def _meet(self, anonymous: str, user: str, at: dt.datetime) -> None:
        known, since = self.visitors.get(anonymous, ("", at))
        if known != user and at >= since:
            self.visitors[anonymous] = self.met[anonymous] = (user, at)

    def learn(self, person: Person, signal: Signal, account_id: int | None) -> None:
        """Takes over what `signal` says about `person`."""
        if person.learn(signal, account_id):
            self.tied.add(person.external_id)

    def store(self) -> None:
        """Writes what was learnt; afterwards everybody has an id."""
        new = [person for person in self.users.values() if person.id is None]
        columns = ("source_id", "external_id", *LEARNT)
        many.write(ProductUser, columns, [(self.source.pk, one.external_id, *_learnt(one)) for one in new])
        for external_id, pk in _rows(self.source, [one.external_id for one in new]).values_list("external_id", "pk"):
            person = self.users[external_id]
            person.id, person.is_changed, person.is_seen = pk, False, False
        self._save_known()
        self._save_visitors()

    def _save_known(self) -> None:
        changed = [person for person in self.users.values() if person.is_changed]
        seen = [person for person in self.users.values() if person.is_seen and not person.is_changed]
        many.change(ProductUser, LEARNT, [(person.id, *_learnt(person)) for person in changed])
        many.change(ProductUser, ("last_seen_at",), [(person.id, person.last_seen_at) for person in seen])
        for person in (*changed, *seen):
            person.is_changed = person.is_seen = False

    def _save_visitors(self) -> None:
        if not self.met:
            return
        Visitor.objects.filter(source=self.source, anonymous__in=among_texts(self.met)).delete()
        rows = [(self.source.pk, one, self.users[user].id, at) for one, (user, at) in self.met.items()]
        many.write(Visitor, ("source_id", "anonymous", "product_user_id", "identified_at"), rows)

    def visitors_of(self, users: Iterable[str]) -> dict[str, str]:
        """Every anonymous id under which one of `users` was seen → that user."""
        ids = [pk for user in users if (pk := self.users[user].id)]
        rows = Visitor.objects.filter(source=self.source, product_user__in=among(ids))
        return dict(rows.values_list("anonymous", "product_user__external_id"))


def _learnt(person: Person) -> tuple[Any, ...]:
    return tuple(getattr(person, name) for name in LEARNT)


def _rows(source: Source, external_ids: Iterable[str]) -> Any:
    return ProductUser.objects.filter(source=source, external_id__in=among_texts(external_ids))


def named_in(signals: Iterable[Signal], *, source: Source) -> People:
    """The product users whom `signals` name or whose visits they are; those we did not know are new."""
    first: dict[str, dt.datetime] = {}
    anonymous = set()
    for signal in signals:
        if signal.user:
            at = signal.happened_at
            if signal.user not in first or at < first[signal.user]:
                first[signal.user] = at
        if signal.anonymous:
            anonymous.add(signal.anonymous)
    visitors = _known_visitors(source, anonymous)
    asked = {*first, *(user for user, _ in visitors.values())}
    rows = _rows(source, asked).values_list("pk", "external_id", *LEARNT)
    users = {row[1]: Person(*row) for row in rows}
    for user in first.keys() - users.keys():
        users[user] = Person(None, user, None, "", "", "", "", first[user], None)
    return People(source, users, visitors)


def _known_visitors(source: Source, anonymous: set[str]) -> dict[str, tuple[str, dt.datetime]]:
    if not anonymous:
        return {}
    rows = Visitor.objects.filter(source=source, anonymous__in=among_texts(anonymous))
    return {
        one: (user, at) for one, user, at in rows.values_list("anonymous", "product_user__external_id", "identified_at")
    }


def _tied_after(person: Person, at: dt.datetime) -> bool:
    if person.id is None:
        return False
    later = SignalEvent.objects.filter(product_user=person.id, type="group", account__isnull=False, at__gt=at)
    return later.exists()
