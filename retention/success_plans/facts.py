"""What success plans say of an account, as facts."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from accounts.facts.catalogue import Fact, Group, Pace, Type, Use
from accounts.facts.queries import in_units
from accounts.facts.registry import Part, Values, derives, provides
from accounts.foundation.many import among
from accounts.workspace.queries import base_currency, workspace
from retention.success_plans.models import PlanObjective, PlanTask, SuccessPlan
from retention.success_plans.queries import attainment, in_time

GOALS = Group.GOALS


def _fact(key: str, label: str, kind: Type, meaning: str, *, unit: str = "", pace: Pace = Pace.SETTLED) -> Fact:
    return Fact(key, label, kind, meaning, GOALS, Use.NAMED, unit=unit, pace=pace, stands_beside=True)


FACTS = [
    _fact(
        "objective_closed_at",
        "Objective closed",
        Type.INSTANT,
        "When the latest objective of a success plan was closed with evidence and a next step.",
    ),
    _fact(
        "objectives_closed",
        "Objectives closed",
        Type.NUMBER,
        "Objectives closed with evidence and a next step, of all plans; unknown until there is a plan.",
        unit="objectives",
    ),
    _fact(
        "onboarding_items_on_time_share",
        "Onboarding in time",
        Type.RATIO,
        "The share of tasks of the plan of the won deal, due by now, that were done by their day.",
        unit="of the tasks due",
        pace=Pace.MOVING,
    ),
    _fact("success_plan_started_at", "Plan started", Type.INSTANT, "When the latest success plan was started."),
    _fact("next_objective_due_on", "Next objective", Type.DATE, "The earliest date of an objective that is open."),
]
ATTAINMENT = _fact(
    "goal_attainment_share",
    "Goals attained",
    Type.RATIO,
    "How much of the objectives of the latest plan is reached, from baseline to target, on average.",
    unit="of the goals",
    pace=Pace.MOVING,
)
Rows = dict[int, list[SuccessPlan]]


def _plans(account_ids: Sequence[int]) -> Rows:
    found: Rows = defaultdict(list)
    rows = SuccessPlan.objects.filter(account__in=among(account_ids)).order_by("-started_at", "-pk")
    for plan in rows.prefetch_related("objectives", "tasks"):
        found[plan.account_id].append(plan)
    return found


@provides("success_plans", FACTS)
def agreed(account_ids: Sequence[int], at: dt.datetime) -> Mapping[int, Part]:
    """What the plans of each account say; nothing of accounts without a plan."""
    today = at.astimezone(ZoneInfo(workspace().time_zone)).date()
    return {
        account_id: Part(_values(plans, today), "success_plans", plans[0].started_at)
        for account_id, plans in _plans(account_ids).items()
    }


def _values(plans: list[SuccessPlan], today: dt.date) -> Values:
    objectives = [one for plan in plans for one in plan.objectives.all()]
    closed = [one.closed_at for one in objectives if one.state == PlanObjective.State.CLOSED and one.closed_at]
    open_days = [
        one.due_on
        for plan in plans
        if plan.is_open
        for one in plan.objectives.all()
        if one.is_open and one.due_on is not None
    ]
    onboarding = next((plan for plan in plans if plan.deal_id), None)
    tasks: list[PlanTask] = list(onboarding.tasks.all()) if onboarding else []
    return {
        "objective_closed_at": max(closed, default=None),
        "objectives_closed": len(closed),
        "onboarding_items_on_time_share": in_time(tasks, on=today),
        "success_plan_started_at": plans[0].started_at,
        "next_objective_due_on": min(open_days, default=None),
    }


@derives("goal attainment", [ATTAINMENT])
def attained(known: Mapping[int, Values], at: dt.datetime) -> Mapping[int, Values]:
    """How far the latest plan of each account is; its measures are other facts of the same account."""
    currency, found = base_currency(), {}
    started = [account_id for account_id, values in known.items() if values.get("success_plan_started_at")]
    for account_id, plans in (_plans(started) if started else {}).items():
        if share := _share(plans[0], in_units(known[account_id], currency=currency)):
            found[account_id] = {ATTAINMENT.key: share[0]}
    return found


def _share(plan: SuccessPlan, facts: Mapping[str, Any]) -> tuple[float] | None:
    tasks: dict[int | None, list[PlanTask]] = defaultdict(list)
    for task in plan.tasks.all():
        tasks[task.objective_id].append(task)
    counted = [one for one in plan.objectives.all() if one.state != PlanObjective.State.DROPPED]
    shares = [attainment(one, tasks[one.pk], facts) for one in counted]
    known = [share for share in shares if share is not None]
    return (round(sum(known) / len(counted), 6),) if known else None
