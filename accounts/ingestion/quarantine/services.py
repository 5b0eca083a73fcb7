"""What people do with waiting signals. Everything that finds its account is counted as if it had been known at once."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.foundation import audit
from accounts.foundation.lanes import lane
from accounts.identity import services as identity
from accounts.ingestion import services
from accounts.ingestion.models import QuarantinedItem
from accounts.ingestion.quarantine import queries
from accounts.ingestion.quarantine.queries import Group, Reason, Selection
from accounts.ingestion.quarantine.suggestions import guesses
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account
from accounts.stakeholders.models import ProductUser
from accounts.team.models import User
from accounts.workspace.models import Source

GROUPS_AT_ONCE = 20
ITEMS_AT_ONCE = 1_000
"""A person waits for a piece of work: pieces are small, and the page asks for the next one."""
PLANNED_AT_MOST = 2_000
REASON_LENGTH = 300


@dataclass(frozen=True)
class Planned:
    """What would become of one group: signals of an account that exists, or of a new one."""

    group: Group
    name: str
    account: Account | None = None
    reason: str = ""
    profile: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """What settling a selection would do."""

    rows: list[Planned]
    groups: int
    signals: int

    @property
    def matched(self) -> int:
        """Groups that would go to accounts that exist."""
        return sum(row.account is not None for row in self.rows)


@dataclass
class Done:
    """What a piece of work did, and where the next one starts; None when nothing is left."""

    created: int = 0
    matched: int = 0
    items: int = 0
    refused: list[str] = field(default_factory=list)
    place: tuple[int, str] | None = None


def plan_settling(selection: Selection, *, by: User) -> Plan:
    """What `settle` would do with these groups, as far as a page can show it."""
    groups, signals = queries.size(by, selection)
    found = queries.after(by, selection, place=None, limit=PLANNED_AT_MOST)
    return Plan(_planned(found, by=by, match=True), groups, signals)


def settle(selection: Selection, *, match: bool, place: tuple[int, str] | None, by: User, at: dt.datetime) -> Done:
    """Gives the next groups behind `place` an account: the suggested one where `match` says so, else a new one.

    Each group is settled as a whole or not at all; its signals are counted by themselves soon after.
    """
    groups = queries.after(by, selection, place=place, limit=GROUPS_AT_ONCE)
    done = Done(place=groups[-1].place if len(groups) == GROUPS_AT_ONCE else None)
    for row in _planned(groups, by=by, match=match):
        try:
            _settle(row, by=by, at=at)
        except ValidationError as refused:
            done.refused.append(f"{row.group.value}: {' '.join(refused.messages)}")
            continue
        done.items += row.group.count
        if row.account:
            done.matched += 1
        else:
            done.created += 1
    return done


def _planned(groups: Sequence[Group], *, by: User, match: bool) -> list[Planned]:
    found = []
    for start in range(0, len(groups), 100):
        part = groups[start : start + 100]
        told = guesses(part, user=by)
        for group in part:
            guess = told[group.place]
            row = Planned(group, guess.name or group.value, profile=guess.profile.fields())
            if match and guess.suggestion:
                row = Planned(group, row.name, guess.suggestion.account, guess.suggestion.reason)
            found.append(row)
    return found


@transaction.atomic
def _settle(row: Planned, *, by: User, at: dt.datetime) -> None:
    if row.account:
        identity.link(row.account, source=row.group.source, value=row.group.value, by=by, at=at)
    else:
        create_account(source=row.group.source, value=row.group.value, name=row.name, by=by, at=at, **row.profile)


@transaction.atomic
def create_account(*, source: Source, value: str, name: str, by: Any, at: dt.datetime, **profile: Any) -> Account:
    """A new account that `source` calls `value`; what waits for that id is counted for it."""
    account = portfolio.create(name=name, by=by, at=at, **profile)
    identity.link(account, source=source, value=value, by=by, at=at)
    return account


@transaction.atomic
def match_user(account: Account, *, source: Source, value: str, by: Any, at: dt.datetime) -> ProductUser:
    """Says that the user whom `source` calls `value` belongs to `account`; what waits for that is counted.

    A later group call of the product moves the user, as it always does.
    """
    with lane("fold"):  # a fold that still saw the user without an account must have put its items aside first
        user = ProductUser.objects.filter(source=source, external_id=value).first()
        if user is None:
            user = ProductUser(source=source, external_id=value, first_seen_at=at, account=account)
            user.full_clean()
            audit.create(user, verb="product_user.match", by=by, at=at)
        else:
            audit.update(user, verb="product_user.match", by=by, at=at, account=account)
        services.replay_all(QuarantinedItem.objects.filter(source=source, user_value=value, reason=Reason.NO_ACCOUNT))
    return user


def replay(selection: Selection, *, by: User, at: dt.datetime) -> int:
    """Puts the next items of `selection` back into the inbox; returns how many, 0 when none is left."""
    return services.replay(_next(selection, by), by=by, at=at)


def discard(selection: Selection, *, reason: str, by: User, at: dt.datetime) -> int:
    """Deletes the next items of `selection` for good; returns how many, 0 when none is left.

    Needs a reason: it stays in the audit trail with the counts when the items are gone.
    """
    if not reason.strip():
        raise ValidationError({"reason": "Say in a sentence why these signals are not needed."})
    return services.discard(_next(selection, by), because=reason.strip()[:REASON_LENGTH], by=by, at=at)


def _next(selection: Selection, by: User) -> list[QuarantinedItem]:
    return list(queries.waiting(by, selection).order_by("id")[:ITEMS_AT_ONCE])
