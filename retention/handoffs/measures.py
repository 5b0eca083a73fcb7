"""How onboarding goes: of the customers won in a period, how soon, how punctually, how often back and forth.

Every figure is counted from `cases`, the handoffs of new customers that somebody may see, read in four statements
however many there are. So each figure can name the handoffs that it counts.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Min, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Concat, NullIf

from accounts.deals.models import Deal
from accounts.facts import custom
from accounts.facts.catalogue import Type
from accounts.team.models import User
from accounts.workspace.queries import today, workspace
from retention.handoffs.models import Handoff, HandoffTurn, ItemReturn
from retention.lifecycle.models import StageChange
from retention.lifecycle.queries import primary_version
from retention.milestones.facts import FIRST_VALUE
from retention.milestones.queries import AE, has_left
from retention.milestones.standing import Status
from retention.milestones.survival import curve, quantile
from retention.segments.models import AccountSegment, Dimension
from retention.slas.models import Clock

SOURCE, ONBOARDED, ALL = "source", "onboarded", "All new customers"
UNKNOWN = "Unknown"
PERIODS = {30: "Last 30 days", 90: "Last 90 days", 180: "Last 180 days", 365: "Last year", 0: "Since the beginning"}
USUAL = 365
MOST_GROUPS = 40
DAY_S = 86_400


@dataclass
class Case:
    """One customer won in the period, with what became of the handoff."""

    pk: int
    group: str
    won_at: dt.datetime
    is_left: bool
    """They stopped paying: what has not happened to them never will."""
    accepted_at: dt.datetime | None
    onboarded_at: dt.datetime | None
    first_value_at: dt.datetime | None
    is_tracked: bool
    """Whether anything tells us of first value."""
    is_due: bool
    """Whether the day by which they should have it is over."""
    is_in_time: bool
    loops: int
    in_time: int = 0
    """Clocks that were met, each as its pauses moved it."""
    late: int = 0
    in_time_as_promised: int = 0
    """Clocks that were met by the instant at first promised, as if nobody had waited."""
    running: int = 0
    reasons: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Pace:
    """How long something took from the win on, in days; who is not done yet counts as *at least so long*."""

    done: int
    open: int
    left: int
    median: float | None
    """None where fewer than half are known to be done."""
    p90: float | None
    curve: Sequence[tuple[float, float]]
    """Days, and the share that was done by then."""


@dataclass(frozen=True)
class Returned:
    """How often items were returned for one coded reason."""

    reason: str
    count: int


@dataclass(frozen=True)
class Group:
    """The measures of all, or of those of one seller, source or segment."""

    name: str
    cases: Sequence[Case]
    accepted: Pace
    onboarded: Pace
    first_value: Pace
    reasons: Sequence[Returned]
    """The most frequent first."""

    @property
    def won(self) -> int:
        return len(self.cases)

    @property
    def clocks(self) -> int:
        """Clocks whose outcome is known: stopped, or run out."""
        return sum(one.in_time + one.late for one in self.cases)

    @property
    def running(self) -> int:
        return sum(one.running for one in self.cases)

    @property
    def adherence(self) -> float | None:
        """The share met, as pauses moved the clocks; None where the outcome of none is known."""
        return sum(one.in_time for one in self.cases) / self.clocks if self.clocks else None

    @property
    def adherence_as_promised(self) -> float | None:
        """The share met as if no clock had stood still."""
        return sum(one.in_time_as_promised for one in self.cases) / self.clocks if self.clocks else None

    @property
    def loops(self) -> float | None:
        """Returns per accepted handoff; None where none is accepted."""
        done = [one.loops for one in self.cases if one.accepted_at]
        return sum(done) / len(done) if done else None

    @property
    def due(self) -> int:
        """Customers whose day for first value is over."""
        return sum(one.is_due for one in self.cases)

    @property
    def in_time(self) -> int:
        return sum(one.is_due and one.is_in_time for one in self.cases)

    @property
    def first_value_share(self) -> float | None:
        return self.in_time / self.due if self.due else None


def groupings() -> dict[str, str]:
    """By what the measures can be told: key → name. Dimensions come after those that are always there."""
    always = {"": ALL, AE: "Account executive", SOURCE: "Acquisition source"}
    return always | dict(Dimension.objects.values_list("key", "name"))


def cases(user: User, *, days: int, grouping: str, at: dt.datetime) -> list[Case]:
    """The new customers won in the last `days` (0: ever) that `user` may see; what was called off is none."""
    rows = _handoffs(user, days=days, at=at)
    found = {one.pk: one for one in _read(rows, grouping, at)}
    _count_clocks(rows, found)
    returns = ItemReturn.objects.filter(handoff__in=rows.values("pk")).order_by()
    for pk, reason in returns.values_list("handoff", "reason"):
        if pk in found:
            found[pk].reasons[reason] += 1
    return list(found.values())


def _handoffs(user: User, *, days: int, at: dt.datetime) -> QuerySet[Any]:
    rows = Handoff.objects.for_user(user).filter(deal__type=Deal.Type.NEW, started_at__isnull=False)
    rows = rows.exclude(state=Handoff.State.CANCELLED).annotate(won_at=Coalesce("deal__closed_at", "started_at"))
    return rows.filter(won_at__gt=at - dt.timedelta(days=days)).order_by() if days else rows.order_by()


FACTS = ("has_paid_contract", "first_contract_on", "first_value_at", "first_value_status")
DUE = f"account__facts__custom__{FIRST_VALUE}_due_on"
COLUMNS = ("pk", "group", "won_at", *(f"account__facts__{name}" for name in FACTS), DUE)


def _read(rows: QuerySet[Any], by: str, at: dt.datetime) -> Iterable[Case]:
    zone, day = ZoneInfo(workspace().time_zone), today(at)
    named = rows.annotate(group=_group(by), onboarded_at=_onboarded_at())
    of_handoff = ("accepted_at", "onboarded_at", "loops")
    for row in named.values_list(*COLUMNS, *of_handoff):
        pk, group, won, pays, since, value, status, due, accepted, onboarded, loops = row
        due_on = None if due is None else custom.read(due, Type.DATE)
        first = value if value and value >= won else None  # what was so before the win is of an earlier time
        yield Case(
            pk=pk,
            group=group or UNKNOWN,
            won_at=won,
            is_left=has_left(pays, since, day),
            accepted_at=accepted,
            onboarded_at=onboarded,
            first_value_at=first,
            is_tracked=status is not None and status != Status.NOT_TRACKED,
            is_due=due_on is not None and status != Status.NOT_TRACKED and due_on < day,
            is_in_time=bool(first and due_on and first.astimezone(zone).date() <= due_on),
            loops=loops,
        )


def _group(by: str) -> Any:
    if by == AE:
        return NullIf(Concat("deal__owner__first_name", Value(" "), "deal__owner__last_name"), Value(" "))
    if by in ("", SOURCE):
        return NullIf("account__acquisition_source", Value("")) if by else Value(ALL)
    placed = AccountSegment.objects.filter(account=OuterRef("account"), dimension__key=by)
    return Subquery(placed.values("segment__name")[:1])


def _onboarded_at() -> Any:
    """When the account first came to Onboarded, or beyond it, after the win."""
    version = primary_version()
    stages = list(version.stages.all()) if version else []
    first = next((stage.position for stage in stages if stage.key == ONBOARDED), None)
    reached = [stage.key for stage in stages if first is not None and stage.position >= first]
    moves = StageChange.objects.filter(
        account=OuterRef("account"),
        lifecycle__is_primary=True,
        to_stage__key__in=reached,
        at__gte=Coalesce(OuterRef("deal__closed_at"), OuterRef("started_at")),
    )
    return Subquery(moves.order_by().values("account").annotate(first=Min("at")).values("first"))


def _count_clocks(rows: QuerySet[Any], found: Mapping[int, Case]) -> None:
    """Adds to each case how its clocks went. One that was cancelled counts for nothing."""
    turns = HandoffTurn.objects.filter(handoff__in=rows.values("pk"), work__clock__isnull=False).order_by()
    columns = ("handoff", *(f"work__clock__{name}" for name in ("state", "breached_at", "ended_at", "promised_at")))
    for pk, state, breached, ended, promised in turns.values_list(*columns):
        if pk not in found or state == Clock.State.CANCELLED:
            continue
        if breached:
            found[pk].late += 1
        elif state == Clock.State.MET:
            found[pk].in_time += 1
        else:
            found[pk].running += 1
        if ended and ended <= promised and not breached:
            found[pk].in_time_as_promised += 1


def measured(found: Sequence[Case], *, at: dt.datetime) -> list[Group]:
    """`found` by their groups, the largest first."""
    groups: dict[str, list[Case]] = {}
    for one in found:
        groups.setdefault(one.group, []).append(one)
    rows = [whole(name, of, at=at) for name, of in groups.items()]
    return sorted(rows, key=lambda group: (-group.won, group.name))[:MOST_GROUPS]


def whole(name: str, found: Sequence[Case], *, at: dt.datetime) -> Group:
    """The measures of all of `found` together."""
    reasons: Counter[str] = sum((one.reasons for one in found), Counter())
    return Group(
        name=name,
        cases=found,
        accepted=_pace([(one, one.accepted_at) for one in found], at),
        onboarded=_pace([(one, one.onboarded_at) for one in found], at),
        first_value=_pace([(one, one.first_value_at) for one in found if one.is_tracked or one.first_value_at], at),
        reasons=[Returned(*counted) for counted in reasons.most_common()],
    )


def _pace(ends: Sequence[tuple[Case, dt.datetime | None]], at: dt.datetime) -> Pace:
    times: Counter[tuple[float, bool]] = Counter()
    for one, end in ends:
        days = max(((end or at) - one.won_at).total_seconds() / DAY_S, 0.0)
        times[float("inf") if end is None and one.is_left else round(days, 2), end is not None] += 1
    done = sum(count for (_, is_done), count in times.items() if is_done)
    left = times[float("inf"), False]
    return Pace(
        done=done,
        open=times.total() - done - left,
        left=left,
        median=quantile(times, 0.5),
        p90=quantile(times, 0.9),
        curve=curve(times),
    )


CHOICES: dict[str, tuple[str, Callable[[Case], bool]]] = {
    "won": ("Won", lambda one: True),
    "accepted": ("Accepted", lambda one: one.accepted_at is not None),
    "not_accepted": ("Not accepted yet", lambda one: one.accepted_at is None),
    "onboarded": ("Onboarded", lambda one: one.onboarded_at is not None),
    "not_onboarded": ("Not onboarded yet", lambda one: one.onboarded_at is None),
    "first_value": ("First value reached", lambda one: one.first_value_at is not None),
    "no_first_value": ("No first value yet", lambda one: one.is_tracked and one.first_value_at is None),
    "in_time": ("First value in time", lambda one: one.is_due and one.is_in_time),
    "missed": ("First value too late", lambda one: one.is_due and not one.is_in_time),
    "due": ("First value due by now", lambda one: one.is_due),
    "clocks": ("With a clock that ended or ran out", lambda one: one.in_time + one.late > 0),
    "late": ("With a clock that ran out", lambda one: one.late > 0),
    "late_as_promised": ("Later than promised at first", lambda one: one.in_time + one.late > one.in_time_as_promised),
    "running": ("With a running clock", lambda one: one.running > 0),
    "returned": ("Returned", lambda one: one.loops > 0),
}
"""What a figure counts → its words, and whether it counts a case."""


def counted(user: User, *, days: int, grouping: str, group: str | None, what: str, at: dt.datetime) -> list[int]:
    """The ids of the handoffs behind one figure: `what` is a key of `CHOICES`, or a coded reason of a return."""
    found = cases(user, days=days, grouping=grouping, at=at)
    counts = CHOICES[what][1] if what in CHOICES else lambda one: one.reasons[what] > 0
    return [one.pk for one in found if counts(one) and group in (None, one.group)]
