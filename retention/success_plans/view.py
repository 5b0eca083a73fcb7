"""A plan as its pages show it: progress, tasks in groups, wins, links with their addresses."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from accounts.foundation.scope import Area
from accounts.team.models import User
from retention.success_plans import links, queries
from retention.success_plans.models import PlanTask, SuccessPlan
from retention.success_plans.outcome_models import PlanLink
from retention.success_plans.tasks import today


@dataclass(frozen=True)
class Shown:
    """Everything of one plan that a page of it shows."""

    plan: SuccessPlan
    objectives: list[queries.Progress]
    percent: int | None
    other: list[PlanTask]
    """Tasks that belong to no objective, the open ones first."""
    done: int
    counted: int
    on: dt.date

    @property
    def late(self) -> int:
        """How many tasks are open past their day."""
        return sum(task.is_open and task.due_on is not None and task.due_on < self.on for task in self.plan.tasks.all())


def shown(plan: SuccessPlan, facts: dict[str, Any], *, at: dt.datetime, shared_only: bool = False) -> Shown:
    """`plan`, which was read by `complete_rows`, as a page shows it; or what the customer sees of it."""
    on = today(at)
    found = queries.progress(plan, facts, on=on, shared_only=shared_only)
    tasks = [task for task in plan.tasks.all() if task.is_shared or not shared_only]
    here = {one.objective.pk for one in found}
    other = [task for task in tasks if task.objective_id not in here and not (shared_only and task.objective_id)]
    counted = [task for task in tasks if task.state != PlanTask.State.SKIPPED]
    return Shown(
        plan=plan,
        objectives=found,
        percent=queries.overall(found),
        other=sorted(other, key=lambda task: not task.is_open),
        done=sum(not task.is_open for task in counted),
        counted=len(counted),
        on=on,
    )


def one(rows: QuerySet[SuccessPlan], *, at: dt.datetime) -> Shown | None:
    """The first of `rows` as a page shows it; None where there is none."""
    plan = queries.complete_rows(rows).prefetch_related("wins__thanks_to").first()
    if plan is None:
        return None
    return shown(plan, queries.facts_of([plan]).get(plan.account_id, {}), at=at)


def shared_links(plan: SuccessPlan, *, at: dt.datetime) -> list[tuple[PlanLink, str, bool]]:
    """The links of a plan, newest first: each with its address where it opens something, and whether it does."""
    rows = plan.links.select_related("stakeholder", "made_by")
    found = [(link, link.opens_at(at)) for link in rows]
    return [(link, links.address(link) if is_open else "", is_open) for link, is_open in found]


def may_edit(user: User) -> bool:
    """Whether somebody may change plans of accounts they see."""
    return user.may_edit(Area.ACCOUNTS)
