"""Milestones as facts: made with the projection, so that conditions, health and plays read them like any other."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db.models import Max

from accounts.facts.catalogue import Fact, Group, Pace, Type
from accounts.facts.models import AccountFacts
from accounts.facts.queries import in_units
from accounts.facts.registry import Values, derives
from accounts.foundation.many import among
from accounts.workspace.queries import base_currency
from retention.conditions.stored import facts_named
from retention.milestones import keeping
from retention.milestones.models import MilestoneRoute, ValueMilestone
from retention.milestones.standing import Seen, Stands, Status, course, moment_of

ACTIVATED, FIRST_VALUE = "activated", "first_value"
"""Keys of the two milestones with facts of their own."""
GOALS, INSTANT, LIST = Group.GOALS, Type.INSTANT, Type.TEXT_LIST
FACTS = [
    Fact("activated_at", "Activated", INSTANT, "When the account reached the milestone “activated”.", GOALS),
    Fact("first_value_at", "First value", INSTANT, "When the account first had a result of its own.", GOALS),
    Fact(
        "first_value_status",
        "First value, status",
        Type.TEXT,
        "Reached, pending, missed (the deadline has passed), or not tracked: nothing tells us when it happens.",
        GOALS,
    ),
    Fact(
        "first_value_due_on",
        "First value due",
        Type.DATE,
        "The last day on which first value is in time; unknown where no deadline runs.",
        GOALS,
        stands_beside=True,
    ),
    Fact(
        "first_value_time_used_share",
        "First-value clock",
        Type.RATIO,
        "Of the time until first value is due, the share that is over; unknown once it is reached.",
        GOALS,
        unit="of the time",
        pace=Pace.MOVING,
        stands_beside=True,
    ),
    Fact("milestones_reached", "Milestones", LIST, "Every milestone that the account reached.", GOALS),
    Fact("milestones_pending", "Milestones pending", LIST, "Milestones that are still in time, or undated.", GOALS),
    Fact("milestones_missed", "Milestones missed", LIST, "Milestones whose deadline passed unreached.", GOALS),
    Fact(
        "milestones_not_tracked",
        "Milestones not tracked",
        LIST,
        "Milestones of which nothing tells us whether they happened.",
        GOALS,
    ),
]


def changed_at() -> dt.datetime | None:
    """When a milestone was last defined otherwise."""
    return ValueMilestone.objects.aggregate(last=Max("changed_at"))["last"]


def reads() -> set[str]:
    """The keys of the facts that routes in use ask for."""
    rows = MilestoneRoute.objects.filter(milestone__is_active=True).values_list("applies", "condition")
    return {"closed_won_at", "decision_date"}.union(*(facts_named(one) for row in rows for one in row))


def _follow(known: Mapping[int, Values], at: dt.datetime) -> set[int]:
    return keeping.follow(known, at)


@derives("milestones", FACTS, changed_at=changed_at, reads=reads, follow=_follow)
def milestones(known: Mapping[int, Values], at: dt.datetime) -> Mapping[int, Values]:
    """Where each account stands with its milestones."""
    asked, seen, currency = course(), Seen.of(known, at), base_currency()
    first_looks, moment = _first_looks(known, asked.changed_at, at), moment_of(at)
    found = {}
    for account_id, values in known.items():
        stands = asked.stands(account_id, in_units(values, currency=currency), seen, moment)
        new = [one.milestone for one in stands if one.is_new]
        found[account_id] = _values(stands, account_id, seen, moment.today) | {
            keeping.NEW: new,
            keeping.FIRST_LOOK: account_id in first_looks,
        }
    return found


def _first_looks(known: Mapping[int, Values], changed: dt.datetime | None, at: dt.datetime) -> set[int]:
    """Accounts that were last looked at before the milestones became what they are: what moves now is no news."""
    if changed is None or changed > at:
        return set()
    rows = AccountFacts.objects.filter(pk__in=among(known), projected_at__lt=changed)
    return set(rows.values_list("pk", flat=True))


def _values(stands: list[Stands], account_id: int, seen: Seen, day: dt.date) -> Values:
    by_key = {one.milestone.key: one for one in stands}
    told = seen.events.get(account_id, {})
    by_status: dict[Status, list[str]] = {status: [] for status in Status}
    for one in stands:
        by_status[one.status].append(one.milestone.key)
    first = by_key.get(FIRST_VALUE)
    is_tracked = FIRST_VALUE in seen.mapped and account_id in seen.instrumented
    return {
        "activated_at": _when(by_key.get(ACTIVATED), told.get(ACTIVATED)),
        "first_value_at": _when(first, told.get(FIRST_VALUE)),
        "first_value_status": first.status.value if first else _untold(FIRST_VALUE in told, is_tracked),
        "first_value_due_on": first.due_on if first else None,
        "first_value_time_used_share": first.time_used(day) if first else None,
        "milestones_reached": sorted({*told, *by_status[Status.REACHED]}) or None,
        "milestones_pending": sorted(by_status[Status.PENDING]) or None,
        "milestones_missed": sorted(by_status[Status.MISSED]) or None,
        "milestones_not_tracked": sorted(by_status[Status.NOT_TRACKED]) or None,
    }


def _when(stands: Stands | None, told: Any) -> Any:
    return stands.reached_at if stands else told


def _untold(is_reached: bool, is_tracked: bool) -> str:
    """The status where nobody has defined the milestone: what the tracking plan alone can tell."""
    if is_reached:
        return Status.REACHED.value
    return Status.PENDING.value if is_tracked else Status.NOT_TRACKED.value
