"""How far a plan is: progress of objectives, tasks in time, whom it is thanks to."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch, QuerySet

from accounts.facts.lookup import find
from accounts.facts.queries import value_of, values_of
from accounts.workspace.queries import base_currency
from retention.success_plans.models import PlanObjective, PlanTask, SuccessPlan

Values = Mapping[str, Any]
SOON = dt.timedelta(days=7)


def attainment(objective: PlanObjective, tasks: Sequence[PlanTask], facts: Values) -> float | None:
    """How much of an objective is reached, from 0 to 1; None where nobody can tell.

    Measured from baseline to target where both and the value are known; else by its tasks that are done.
    """
    if objective.state == PlanObjective.State.CLOSED:
        return 1.0
    value, target = value_now(objective, facts), objective.target
    if value is not None and target is not None:
        start = objective.baseline if objective.baseline is not None else Decimal(0)
        return 1.0 if start == target else min(1.0, max(0.0, float((value - start) / (target - start))))
    counted = [task for task in tasks if task.state != PlanTask.State.SKIPPED]
    return sum(not task.is_open for task in counted) / len(counted) if counted else None


def value_now(objective: PlanObjective, facts: Values) -> Decimal | None:
    """What the measure of an objective says now: its fact, or what somebody entered."""
    if not objective.fact:
        return objective.value
    found = facts.get(objective.fact)
    return None if found is None or isinstance(found, bool) else Decimal(str(found))


@dataclass(frozen=True)
class Progress:
    """One objective with its tasks, its value now and the share of it that is reached."""

    objective: PlanObjective
    tasks: list[PlanTask]
    value: Decimal | None
    share: float | None
    at: dt.date

    @property
    def percent(self) -> int | None:
        """The share in per cent, whole."""
        return None if self.share is None else int(self.share * 100)

    @property
    def is_late(self) -> bool:
        """Whether its date is over while it is open."""
        return self.objective.is_open and self.objective.due_on is not None and self.objective.due_on < self.at


def complete_rows(rows: QuerySet[SuccessPlan]) -> QuerySet[SuccessPlan]:
    """Plans with everything a page shows of them, in a constant number of statements."""
    objectives = PlanObjective.objects.select_related("our_owner", "their_owner", "closed_by")
    tasks = PlanTask.objects.select_related("our_owner", "their_owner", "done_by", "done_by_customer")
    return rows.select_related("account", "template__template", "path__template", "deal", "review").prefetch_related(
        Prefetch("objectives", objectives), Prefetch("tasks", tasks)
    )


def facts_of(plans: Iterable[SuccessPlan]) -> dict[int, dict[str, Any]]:
    """Account id → the facts that measure objectives of these plans."""
    rows = list(plans)
    keys = {one.fact for plan in rows for one in plan.objectives.all() if one.fact}
    if not keys:
        return {}
    return values_of({plan.account_id for plan in rows}, keys, currency=base_currency())


def facts_beside(plan: SuccessPlan) -> dict[str, Any]:
    """The facts that measure objectives of `plan`, whose account was read with its facts; asks nothing."""
    row = getattr(plan.account, "facts", None)
    found = {one.fact: find(one.fact) for one in plan.objectives.all() if one.fact} if row else {}
    currency = base_currency()
    return {key: value_of(fact, row, currency=currency) for key, fact in found.items() if fact}


def progress(plan: SuccessPlan, facts: Values, *, on: dt.date, shared_only: bool = False) -> list[Progress]:
    """Every objective that counts, in order; of those that the customer sees alone where `shared_only`."""
    found = []
    for objective in plan.objectives.all():
        if shared_only and not objective.is_shared:
            continue
        tasks = [task for task in plan.tasks.all() if task.objective_id == objective.pk]
        share = attainment(objective, tasks, facts)
        shown = [task for task in tasks if task.is_shared] if shared_only else tasks
        found.append(Progress(objective, shown, value_now(objective, facts), share, on))
    return found


def overall(found: Iterable[Progress]) -> int | None:
    """How much of a plan is reached, in per cent: the mean of its objectives; None where nobody can tell."""
    shares = [one.share for one in found if one.objective.state != PlanObjective.State.DROPPED]
    known = [share for share in shares if share is not None]
    return int(100 * sum(known) / len(shares)) if known else None


def in_time(tasks: Iterable[PlanTask], *, on: dt.date) -> float | None:
    """The share of the tasks due until `on` that were done in time; None where none was due."""
    due = [
        task
        for task in tasks
        if task.due_on and task.state != PlanTask.State.SKIPPED and (task.due_on < on or not task.is_open)
    ]
    kept = [task for task in due if task.done_on and task.due_on and task.done_on <= task.due_on]
    return len(kept) / len(due) if due else None


def thanks_to(plan: SuccessPlan, *, shared_only: bool = True) -> list[str]:
    """The people at the customer whom the plan is thanks to: owners of what is reached, doers, whoever a win names."""
    reached = [one for one in plan.objectives.all() if one.state == PlanObjective.State.CLOSED]
    people = {one.their_owner for one in reached if one.is_shared or not shared_only}
    people |= {task.done_by_customer for task in plan.tasks.all()}
    people |= {task.their_owner for task in plan.tasks.all() if task.state == PlanTask.State.DONE}
    people |= {win.thanks_to for win in plan.wins.all() if win.is_shared or not shared_only}
    return sorted({person.name for person in people if person})
