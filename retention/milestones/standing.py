"""Where accounts stand with their milestones: reached, pending, missed, or not tracked, each with its reason."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from accounts.foundation.many import among
from accounts.foundation.truth import Truth
from accounts.ingestion.models import AccountActivity, Milestone, MilestoneReached
from accounts.workspace.queries import today, workspace
from retention.conditions.comparing import Moment
from retention.conditions.evaluate import compile_closure
from retention.conditions.refusal import ConditionRefused
from retention.evaluation.rules import read
from retention.milestones.models import AccountMilestone, MilestoneRoute, ValueMilestone

Known = Mapping[str, Any]
Rule = Callable[[Known, Moment], Truth]


class Status(StrEnum):
    """How far an account is: *missed* and *not tracked* are never the same thing."""

    PENDING = "pending"
    REACHED = "reached"
    MISSED = "missed"
    """The deadline has passed, and we would have seen it."""
    NOT_TRACKED = "not_tracked"
    """Nothing tells us whether it happened; a person may say so."""


WORDS = {
    Status.REACHED: "Reached",
    Status.PENDING: "Pending",
    Status.MISSED: "Missed",
    Status.NOT_TRACKED: "Not tracked",
}


@dataclass(frozen=True)
class Stands:
    """One milestone of one account. `is_new` says that its condition is true and nobody has noted it yet."""

    milestone: ValueMilestone
    route: MilestoneRoute
    status: Status
    reached_at: dt.datetime | None = None
    due_on: dt.date | None = None
    began_on: dt.date | None = None
    noted: AccountMilestone | None = None
    is_new: bool = False

    def time_used(self, day: dt.date) -> float | None:
        """The share of the time until the deadline that is over; None where there is no deadline, or it is reached."""
        if self.due_on is None or self.began_on is None or self.status is Status.REACHED:
            return None
        return max((day - self.began_on).days, 0) / max((self.due_on - self.began_on).days, 1)


@dataclass(frozen=True)
class Seen:
    """What is on record about some accounts: events of the tracking plan, and what was noted."""

    events: Mapping[int, Mapping[str, dt.datetime]]
    """Account id → key of a tracking-plan milestone → when it was first reached."""
    noted: Mapping[int, Mapping[int, AccountMilestone]]
    """Account id → milestone id → that it was reached by a condition or by hand."""
    instrumented: frozenset[int]
    """Accounts about which a product tells us anything."""
    mapped: frozenset[str]
    """Keys of tracking-plan milestones for which some event is chosen."""

    @classmethod
    def of(cls, account_ids: Iterable[int], at: dt.datetime) -> "Seen":
        """The record of these accounts at `at`, in four statements."""
        ids = among(account_ids)
        events: dict[int, dict[str, dt.datetime]] = {}
        rows = MilestoneReached.objects.filter(account__in=ids, first_at__lte=at)
        for account_id, key, first in rows.values_list("account", "milestone__key", "first_at"):
            events.setdefault(account_id, {})[key] = first
        noted: dict[int, dict[int, AccountMilestone]] = {}
        for row in AccountMilestone.objects.filter(account__in=ids, reached_at__lte=at):
            noted.setdefault(row.account_id, {})[row.milestone_id] = row
        active = AccountActivity.objects.filter(account__in=ids).values_list("account", flat=True)
        mapped = [key for key, names in Milestone.objects.values_list("key", "events") if names]
        return cls(events, noted, frozenset(active), frozenset(mapped))


@dataclass(frozen=True)
class Route:
    """One route, ready to be asked."""

    row: MilestoneRoute
    applies: Rule | None
    condition: Rule | None


@dataclass(frozen=True)
class Course:
    """All milestones in use, ready to be asked about many accounts."""

    milestones: Sequence[tuple[ValueMilestone, Sequence[Route]]]
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    changed_at: dt.datetime | None = None
    """When any milestone was last defined otherwise, retired ones included."""

    def stands(self, account_id: int, known: Known, seen: Seen, moment: Moment) -> list[Stands]:
        """Where an account stands with every milestone that applies to it, in order."""
        found = []
        for milestone, routes in self.milestones:
            route = next((one for one in routes if one.applies is None or one.applies(known, moment)), None)
            if route is not None:
                found.append(self._stands(milestone, route, account_id, known, seen, moment))
        return found

    def _stands(
        self, milestone: ValueMilestone, route: Route, account_id: int, known: Known, seen: Seen, moment: Moment
    ) -> Stands:
        row, noted = route.row, seen.noted.get(account_id, {}).get(milestone.pk)
        began, due = _deadline(row, known, self.zone)
        told = seen.events.get(account_id, {}).get(row.event) if row.event else None
        if noted or told:
            reached = noted.reached_at if noted else told
            return Stands(milestone, row, Status.REACHED, reached, due, began, noted)
        truth = route.condition(known, moment) if route.condition else None
        if truth:
            return Stands(milestone, row, Status.REACHED, moment.as_of, due, began, is_new=True)
        is_seen = truth is not None or (row.event in seen.mapped and account_id in seen.instrumented)
        status = Status.NOT_TRACKED
        if is_seen:
            status = Status.MISSED if due and moment.today > due else Status.PENDING
        return Stands(milestone, row, status, None, due, began)


def _deadline(row: MilestoneRoute, known: Known, zone: ZoneInfo) -> tuple[dt.date | None, dt.date | None]:
    """The day on which the clock began, and the last day in time; None where there is none, or nothing is signed."""
    won, decision = known.get("closed_won_at"), known.get("decision_date")
    began = won.astimezone(zone).date() if won else None
    if row.days is None:
        return began, None
    if row.clock == MilestoneRoute.Clock.DECISION:
        return began, decision - dt.timedelta(days=row.days) if decision else None
    return began, began + dt.timedelta(days=row.days) if began else None


def moment_of(at: dt.datetime) -> Moment:
    """The moment `at` as conditions ask for it; made once for many accounts."""
    return Moment(as_of=at, today=today(at))


def course() -> Course:
    """The milestones in use as they stand."""
    rows = list(ValueMilestone.objects.prefetch_related("routes"))
    ready = [(one, [prepared(route) for route in one.routes.all()]) for one in rows if one.is_active]
    changed = max((one.changed_at for one in rows), default=None)
    return Course(ready, ZoneInfo(workspace().time_zone), changed)


def prepared(row: MilestoneRoute) -> Route:
    """A route, stored or only drafted, ready to be asked."""
    applies = _closure(row.applies) if row.applies is not None else None
    return Route(row, applies, _closure(row.condition) if row.condition is not None else None)


def _closure(source: Any) -> Rule:
    try:
        return compile_closure(read(source))
    except ConditionRefused:  # it reads a fact that is gone: nobody can tell any more
        return lambda known, moment: None
