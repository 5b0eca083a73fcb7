"""Goals of use: told of when they are reached, and when use falls short of what was agreed."""

import datetime as dt
from typing import Any

from django.db import transaction

from accounts.facts.queries import values_of
from accounts.foundation import audit
from accounts.foundation.clock import now
from accounts.portfolio.events import happened
from accounts.portfolio.queries import holder
from accounts.workspace.queries import base_currency
from retention.success_plans.models import PlanObjective, SuccessPlan
from retention.success_plans.queries import value_now
from retention.success_plans.tasks import today
from retention.work import services as work

BATCH = 500


def check(*, at: dt.datetime | None = None) -> int:
    """Looks at every open goal that a fact measures; returns of how many something was told."""
    at, last, told = at or now(), 0, 0
    rows = PlanObjective.objects.filter(state=PlanObjective.State.OPEN, plan__state=SuccessPlan.State.OPEN)
    rows = rows.exclude(fact="").filter(target__isnull=False).select_related("plan__account").order_by("pk")
    while found := list(rows.filter(pk__gt=last)[:BATCH]):
        keys = {one.fact for one in found}
        facts = values_of({one.plan.account_id for one in found}, keys, currency=base_currency())
        told += sum(_look(one, facts.get(one.plan.account_id, {}), at) for one in found)
        last = found[-1].pk
    return told


def _look(goal: PlanObjective, facts: dict[str, Any], at: dt.datetime) -> bool:
    """Unknown tells nothing: only a value that is there reaches a goal, or falls short of it."""
    value, below = value_now(goal, facts), goal.alert_below
    if value is None or goal.target is None:
        return False
    if value >= goal.target:
        return _reached(goal, at)
    is_expected = goal.reached_at is not None or (goal.due_on is not None and goal.due_on <= today(at))
    if below is not None and value < below and is_expected and goal.alerted_at is None:
        return _missed(goal, value, at)
    return False


@transaction.atomic
def _reached(goal: PlanObjective, at: dt.datetime) -> bool:
    goal.refresh_from_db(from_queryset=PlanObjective.objects.select_for_update())
    if goal.alerted_at:
        audit.update(goal, verb="objective.recover", by=None, at=at, alerted_at=None)
    if goal.reached_at:
        return False
    audit.update(goal, verb="objective.reach", by=None, at=at, reached_at=at)
    happened("plan.goal_reached", goal.plan.account, by=None, at=at, subject=goal, goal=goal.goal)
    return True


@transaction.atomic
def _missed(goal: PlanObjective, value: Any, at: dt.datetime) -> bool:
    goal.refresh_from_db(from_queryset=PlanObjective.objects.select_for_update())
    if goal.alerted_at or not goal.is_open:
        return False
    audit.update(goal, verb="objective.miss", by=None, at=at, alerted_at=at)
    account = goal.plan.account
    happened("plan.goal_missed", account, by=None, at=at, subject=goal, goal=goal.goal)
    work.open_item(
        account,
        title=f"Use falls short: {goal.goal}"[:250],
        guidance=f"Agreed were {goal.target:f} {goal.unit}, now it is {value:f}. Find out why.",
        assignee=goal.our_owner or holder(account, "csm"),
        by=None,
        at=at,
        within="2 bd",
    )
    return True
