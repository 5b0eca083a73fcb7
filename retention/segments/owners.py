"""Who looks after the accounts of a segment: planned by its rule first, and then done."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction

from accounts.facts.models import AccountFacts
from accounts.foundation.many import among
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account, AccountMember
from accounts.portfolio.queries import listed
from accounts.team.models import Absence, Team, User
from retention.segments.models import AccountSegment, Segment

CSM = AccountMember.Part.CSM
WITHOUT, MORE_THAN = "has no CSM", "has more than {} accounts"
AWAY = "is away"


@dataclass(frozen=True)
class Load:
    """How much one person of a pool looks after in a segment."""

    user: User
    accounts: int
    arr_minor: int
    capacity: int | None
    is_away: bool

    @property
    def is_over(self) -> bool:
        """Whether it is more than one person can look after."""
        return self.capacity is not None and self.accounts > self.capacity


@dataclass(frozen=True)
class Handover:
    """One account that would get another owner, and why."""

    account: Account
    before: User | None
    after: User
    because: str
    arr_minor: int = 0


@dataclass(frozen=True)
class OwnersPlan:
    """Who would own what; `left` are accounts for which nobody has room."""

    handovers: list[Handover]
    left: list[Account]
    loads: list[tuple[Load, int]]
    """Each person's load now, and their accounts afterwards."""


@dataclass
class _Person:
    """One of the pool while accounts are given out."""

    user: User
    accounts: int = 0
    arr_minor: int = 0
    turn: int = 0


def pool(segment: Segment) -> list[User]:
    """The people whose accounts these are: the team named by the segment, or everybody who is CSM of an account."""
    people = User.objects.filter(is_active=True)
    if segment.pool:
        return list(people.filter(team__in=Team.objects.filter(key=segment.pool)).order_by("pk"))
    return list(people.filter(pk__in=AccountMember.objects.filter(part=CSM).values("user")).order_by("pk"))


def _accounts(segment: Segment) -> list[Account]:
    """The accounts of the segment, whichever version put them there, the oldest first."""
    mine = AccountSegment.objects.filter(dimension=segment.version.dimension, segment__key=segment.key)
    return list(listed().filter(pk__in=mine.values("account")).order_by("pk"))


def _owners(accounts: Sequence[Account]) -> dict[int, User]:
    rows = AccountMember.objects.filter(account__in=among(one.pk for one in accounts), part=CSM)
    return {row.account_id: row.user for row in rows.select_related("user")}


def _arr(accounts: Sequence[Account]) -> dict[int, int]:
    rows = AccountFacts.objects.filter(pk__in=among(one.pk for one in accounts))
    return {pk: arr or 0 for pk, arr in rows.values_list("pk", "arr_minor")}


def loads(segment: Segment, *, at: dt.datetime, reader: User | None = None) -> list[Load]:
    """What each person of the pool looks after in the segment, and whoever else owns accounts in it.

    A `reader` learns of the accounts that they may see, and of nobody who looks after none of these.
    """
    accounts = _accounts(segment)
    sees_all = reader is None or reader.reach(Account.AREA) == "all"
    if reader and not sees_all:
        rows: Any = Account.objects
        mine = set(rows.for_user(reader).filter(pk__in=among(one.pk for one in accounts)).values_list("pk", flat=True))
        accounts = [one for one in accounts if one.pk in mine]
    owners, arr, away = _owners(accounts), _arr(accounts), _away(at)
    counts: Counter[int] = Counter(owner.pk for owner in owners.values())
    people = {user.pk: user for user in [*owners.values(), *(pool(segment) if sees_all else [])]}
    return sorted(
        (
            Load(
                user,
                counts[pk],
                sum(arr.get(account, 0) for account, owner in owners.items() if owner.pk == pk),
                segment.capacity,
                pk in away,
            )
            for pk, user in people.items()
        ),
        key=lambda load: (-load.accounts, str(load.user)),
    )


def _away(at: dt.datetime) -> set[int]:
    return set(Absence.objects.at(at).values_list("user", flat=True))


def plan_owners(segment: Segment, *, at: dt.datetime) -> OwnersPlan:
    """Who would get the accounts without an owner, and those of owners who have more than one person can look after.

    Whoever is away gets none. Nobody gets more than the segment's capacity.
    """
    accounts, now = _accounts(segment), loads(segment, at=at)
    owners, arr = _owners(accounts), _arr(accounts)
    away = {load.user.pk for load in now if load.is_away}
    members = {user.pk for user in pool(segment)}
    people = {load.user.pk: _Person(load.user, load.accounts, load.arr_minor) for load in now}
    ready = [people[pk] for pk in people if pk in members and pk not in away]
    handovers, left = [], []
    for account, because in _to_give(segment, accounts, owners, arr):
        before = owners.get(account.pk)
        after = _next(segment, [one for one in ready if before is None or one.user.pk != before.pk])
        if after is None:
            left += [account] if before is None else []
            continue
        handovers.append(Handover(account, before, after.user, because, arr.get(account.pk, 0)))
        _hand_over(people, before, after, arr.get(account.pk, 0), turn=len(handovers))
    return OwnersPlan(handovers, left, [(load, people[load.user.pk].accounts) for load in now])


def _hand_over(people: Mapping[int, _Person], before: User | None, after: _Person, arr: int, *, turn: int) -> None:
    after.accounts, after.arr_minor, after.turn = after.accounts + 1, after.arr_minor + arr, turn
    if before:
        people[before.pk].accounts -= 1
        people[before.pk].arr_minor -= arr


def _to_give(
    segment: Segment, accounts: Sequence[Account], owners: Mapping[int, User], arr: Mapping[int, int]
) -> list[tuple[Account, str]]:
    """Accounts without an owner, then of each owner with too many those with the least ARR; each with the reason."""
    found = [(account, WITHOUT) for account in accounts if account.pk not in owners]
    if segment.capacity is None:
        return found
    by_owner: dict[int, list[Account]] = {}
    for account in sorted(accounts, key=lambda one: (arr.get(one.pk, 0), -one.pk)):
        if owner := owners.get(account.pk):
            by_owner.setdefault(owner.pk, []).append(account)
    for pk, own in sorted(by_owner.items()):
        owner = owners[own[0].pk]
        found += [(one, f"{owner} {MORE_THAN.format(segment.capacity)}") for one in own[: -segment.capacity]]
        assert pk == owner.pk
    return found


_ORDERS: dict[str, Callable[[_Person], Any]] = {
    Segment.Share.ROUND_ROBIN: lambda one: (one.turn, one.user.pk),
    Segment.Share.FEWEST: lambda one: (one.accounts, one.user.pk),
    Segment.Share.LEAST_ARR: lambda one: (one.arr_minor, one.accounts, one.user.pk),
}


def _next(segment: Segment, people: Sequence[_Person]) -> _Person | None:
    """Who gets the next account: of those who have room, the one whom the segment's rule names."""
    room = [one for one in people if segment.capacity is None or one.accounts < segment.capacity]
    order = _ORDERS.get(segment.assign, _ORDERS[Segment.Share.FEWEST])
    return min(room, key=order, default=None)


def next_owner(segment: Segment, *, at: dt.datetime, arriving: Mapping[int, int] | None = None) -> User | None:
    """Who gets the next account of `segment` by its rule; None where nobody of its pool is here and has room.

    `arriving` counts by person's id the accounts of theirs that will come into the segment: they take room already.
    """
    members = {user.pk for user in pool(segment)}
    ready = [load for load in loads(segment, at=at) if load.user.pk in members and not load.is_away]
    latest = AccountMember.objects.filter(part=CSM, user__in=members).order_by()
    given = dict(latest.values_list("user").annotate(models.Max("since")))
    in_turn = sorted(given, key=lambda pk: given[pk])  # whoever got their last one longest ago is next
    turns = {pk: place for place, pk in enumerate(in_turn, start=1)}
    coming = arriving or {}
    people = [
        _Person(load.user, load.accounts + coming.get(load.user.pk, 0), load.arr_minor, turns.get(load.user.pk, 0))
        for load in ready
    ]
    found = _next(segment, people)
    return found.user if found else None


@transaction.atomic
def assign_owners(segment: Segment, *, agreed: Mapping[int, int], by: User, at: dt.datetime) -> int:
    """Gives accounts to the owners that the plan names; returns how many.

    `agreed` is what was shown: account id → id of the new owner. Raises ValidationError where the plan has become
    another one since, or where `by` may not change one of the accounts; then nothing is done.
    """
    found = {one.account.pk: one for one in plan_owners(segment, at=at).handovers}
    if {pk: one.after.pk for pk, one in found.items()} != dict(agreed):
        raise ValidationError("Accounts or owners have changed since this plan was made. Look at the new plan.")
    rows: Any = Account.objects
    mine = set(rows.for_user(by).filter(pk__in=among(found)).values_list("pk", flat=True))
    if not by.may_edit(Account.AREA) or mine != found.keys():
        raise ValidationError("Some of these accounts are not yours to change. Ask somebody who may.")
    for one in found.values():
        portfolio.assign(one.account, part=CSM, user=one.after, by=by, at=at)
    return len(found)
