import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Concat

from accounts.facts import custom
from accounts.facts.catalogue import Type
from accounts.facts.models import AccountFacts
from accounts.facts.queries import rows_of, values
from accounts.portfolio.models import Account, AccountMember
from accounts.portfolio.queries import listed
from accounts.team.models import User
from accounts.workspace.queries import base_currency, today, workspace
from retention.milestones.facts import FIRST_VALUE
from retention.milestones.models import ValueMilestone
from retention.milestones.standing import Seen, Stands, Status, course, moment_of
from retention.milestones.survival import median
from retention.segments.models import AccountSegment, Dimension

MOST_GROUPS = 40
AE = "ae"


def milestones() -> list[ValueMilestone]:
    """All milestones with their routes, those in use first."""
    return list(ValueMilestone.objects.prefetch_related("routes").order_by("-is_active", "position", "key"))


def stands_of(account: Account, *, at: dt.datetime) -> list[Stands]:
    """Where one account stands now with each milestone that applies to it."""
    row = rows_of([account.pk]).get(account.pk)
    known = values(row, currency=base_currency()) if row else {}
    return course().stands(account.pk, known, Seen.of([account.pk], at), moment_of(at))


def spread(user: User) -> dict[str, Counter[Status]]:
    """Milestone key → how many of the user's accounts stand how, in one statement for the whole book."""
    found: dict[str, Counter[Status]] = {}
    names = {status: f"custom__milestones_{status.value}" for status in Status}
    for row in _book(user).values_list(*names.values()).iterator(chunk_size=2000):
        for status, keys in zip(names, row, strict=True):
            for key in keys if isinstance(keys, list) else ():
                found.setdefault(key, Counter())[status] += 1
    return found


def _book(user: User) -> Any:
    return AccountFacts.objects.for_user(user).filter(account__in=listed().values("pk")).order_by()


@dataclass(frozen=True)
class TimeToValue:
    """How soon the accounts of one group reached first value. Days are calendar days after closed/won."""

    group: str
    accounts: int
    reached: int
    open: int
    """Not reached yet, still customers: their time goes on, so they count as *at least so long*."""
    left: int
    """Stopped paying before it: they never reach it."""
    median_days: int | None
    """The day by which half had reached it (Kaplan-Meier); None where fewer than half are known to have."""
    in_time: int
    due: int

    @property
    def in_time_share(self) -> float | None:
        """Of those whose deadline has passed, the share that reached it in time; None where none has passed."""
        return self.in_time / self.due if self.due else None


def groupings() -> dict[str, str]:
    """What time to value can be told by: key → name. Dimensions come after the two that are always there."""
    return {"": "All accounts", AE: "Account executive"} | dict(Dimension.objects.values_list("key", "name"))


def time_to_value(user: User, *, grouping: str, at: dt.datetime) -> tuple[list[TimeToValue], int]:
    """First value by group, and how many accounts are left out because nothing tracks it for them.

    `grouping` is one of `groupings`. Accounts that were never won are no part of it.
    """
    zone, day = ZoneInfo(workspace().time_zone), today(at)
    groups: dict[str, Counter[tuple[int, str, bool, bool]]] = {}
    untracked = 0
    for group, won, reached_at, status, due, pays, since in _won(user, grouping):
        if status == Status.NOT_TRACKED:
            untracked += 1
            continue
        began, due_on = won.astimezone(zone).date(), _date(due)
        until = reached_at.astimezone(zone).date() if reached_at else day
        kind = "reached" if reached_at else ("left" if has_left(pays, since, day) else "open")
        is_due = due_on is not None and day > due_on
        in_time = bool(is_due and due_on and reached_at and until <= due_on)
        groups.setdefault(group or "Unknown", Counter())[(until - began).days, kind, is_due, in_time] += 1
    rows = [_told(group, counted) for group, counted in groups.items()]
    return sorted(rows, key=lambda one: (-one.accounts, one.group))[:MOST_GROUPS], untracked


def _won(user: User, by: str) -> Iterator[tuple[Any, ...]]:
    rows = _book(user).filter(closed_won_at__isnull=False).annotate(group=_group(by))
    columns = ("closed_won_at", "first_value_at", "first_value_status", f"custom__{FIRST_VALUE}_due_on")
    contract = ("has_paid_contract", "first_contract_on")
    yield from rows.values_list("group", *columns, *contract).iterator(chunk_size=2000)


def has_left(pays: bool | None, since: dt.date | None, day: dt.date) -> bool:
    """Whether a customer `since` a day no longer pays; one whose first contract is yet to begin has not left."""
    return pays is False and since is not None and since < day


def _group(by: str) -> Any:
    if not by:
        return Value("All accounts")
    if by == AE:
        mine = AccountMember.objects.filter(account=OuterRef("account"), part=AccountMember.Part.AE)
        name = Concat("user__first_name", Value(" "), "user__last_name")
        return Subquery(mine.annotate(name=name).values("name")[:1])
    placed = AccountSegment.objects.filter(account=OuterRef("account"), dimension__key=by)
    return Subquery(placed.values("segment__name")[:1])


def _date(kept: Any) -> dt.date | None:
    """A day as the profile's JSON keeps it."""
    return None if kept is None else custom.read(kept, Type.DATE)


def _told(group: str, counted: Counter[tuple[int, str, bool, bool]]) -> TimeToValue:
    def of(kind: str) -> int:
        return sum(count for (_, one, _, _), count in counted.items() if one == kind)

    times: Counter[tuple[float, bool]] = Counter()
    for (days, kind, _, _), count in counted.items():
        times[float("inf") if kind == "left" else max(days, 0), kind == "reached"] += count
    half = median(times)
    return TimeToValue(
        group=group,
        accounts=counted.total(),
        reached=of("reached"),
        open=of("open"),
        left=of("left"),
        median_days=None if half is None else int(half),
        in_time=sum(count for (_, _, _, in_time), count in counted.items() if in_time),
        due=sum(count for (_, _, is_due, _), count in counted.items() if is_due),
    )
