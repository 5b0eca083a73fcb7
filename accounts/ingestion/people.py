"""Product users, as the signals of one source tell of them."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from accounts.ingestion.models import SignalEvent
from accounts.ingestion.signals import Signal
from accounts.ingestion.wire import clean
from accounts.stakeholders.models import ProductUser
from accounts.workspace.models import Source

TRAITS = {"name": 200, "email": 254, "role": 80, "team": 80}
"""Traits of a user that we keep, and their lengths."""


@dataclass
class People:
    """The product users whom a batch of signals names, by their id in the source."""

    users: dict[str, ProductUser]
    tied_at: dict[int, dt.datetime] = field(default_factory=dict)

    def get(self, external_id: str) -> ProductUser | None:
        """Who is called so; None for a signal that names no user."""
        return self.users.get(external_id)

    def learn(self, user: ProductUser, signal: Signal, account_id: int | None) -> bool:
        """Takes over what `signal` says about `user`; True when it tied the user to another account."""
        at = signal.happened_at
        user.first_seen_at = min(user.first_seen_at, at)
        if signal.type == "identify":
            _describe(user, signal)
        if signal.type == "track":
            user.last_seen_at = max(filter(None, [user.last_seen_at, at]))
        return signal.type == "group" and account_id is not None and self._tie(user, account_id, at=at)

    def _tie(self, user: ProductUser, account_id: int, *, at: dt.datetime) -> bool:
        """A group call ties the user to its account, unless a later one was heard of before it."""
        if at < self.tied_at.get(user.pk, at):
            return False
        if user.account_id not in (None, account_id) and _tied_after(user, at):
            return False
        self.tied_at[user.pk] = at
        is_new = user.account_id != account_id
        user.account_id = account_id
        return is_new

    def save(self) -> None:
        """Writes what was learnt."""
        fields = ["account", "first_seen_at", "last_seen_at", *TRAITS]
        # All of these rows exist. An upsert on their ids writes them in a tenth of the time that bulk_update needs.
        ProductUser.objects.bulk_create(
            self.users.values(), update_conflicts=True, unique_fields=["id"], update_fields=fields, batch_size=500
        )


def named_in(signals: Iterable[Signal], *, source: Source) -> People:
    """The product users whom `signals` name; those we did not know exist from now on."""
    first: dict[str, dt.datetime] = {}
    for signal in signals:
        if signal.user:
            first[signal.user] = min(signal.happened_at, first.get(signal.user, signal.happened_at))
    found = {user.external_id: user for user in ProductUser.objects.filter(source=source, external_id__in=first)}
    new = [
        ProductUser(source=source, external_id=external_id, first_seen_at=at)
        for external_id, at in first.items()
        if external_id not in found
    ]
    ProductUser.objects.bulk_create(new)
    return People(found | {user.external_id: user for user in new})


def _describe(user: ProductUser, signal: Signal) -> None:
    for name, length in TRAITS.items():
        if text := _text(getattr(signal.traits, name)):
            setattr(user, name, text[:length])


def _tied_after(user: ProductUser, at: dt.datetime) -> bool:
    later = SignalEvent.objects.filter(product_user=user, type="group", account__isnull=False, at__gt=at)
    return later.exists()


def _text(value: Any) -> str:
    return clean(value) if isinstance(value, str) else ""
