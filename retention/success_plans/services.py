"""A plan as a whole, and what it led to: its state, its wins."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.foundation import audit
from accounts.portfolio.events import happened
from accounts.portfolio.queries import holder
from retention.success_plans import reviews
from retention.success_plans.models import SuccessPlan
from retention.success_plans.office_hours import services as office_hours
from retention.success_plans.outcome_models import PlanWin
from retention.success_plans.tasks import take_plan
from retention.success_plans.versions import NotPossible, take
from retention.work import services as work

State = SuccessPlan.State


@transaction.atomic
def change(plan: SuccessPlan, *, by: Any, at: dt.datetime, **values: Any) -> SuccessPlan:
    """Sets the name of an open plan, or the days between its reviews."""
    take_plan(plan)
    fresh = SuccessPlan.objects.get(pk=plan.pk)
    for name, value in values.items():
        setattr(fresh, name, value)
    fresh.clean_fields()
    audit.update(plan, verb="plan.change", by=by, at=at, **values)
    reviews.move(plan, by=by, at=at)
    return plan


@transaction.atomic
def hold(plan: SuccessPlan, *, by: Any, at: dt.datetime, because: str) -> SuccessPlan:
    """Puts an open plan on hold: it keeps what it says, nothing of it can be done, and its CSM is asked to decide."""
    take_plan(plan)
    audit.update(plan, verb="plan.hold", by=by, at=at, because=because, state=State.HELD)
    happened("plan.held", plan.account, by=by, at=at, subject=plan, name=plan.name)
    reviews.stop(plan, because="Its plan is on hold.", by=by, at=at)
    office_hours.rest(plan, because="Its plan is on hold.", by=by, at=at)
    work.open_item(
        plan.account,
        title=f"Decide about the plan “{plan.name}”"[:250],
        guidance=f"{because} Go on with the plan or complete it.",
        assignee=holder(plan.account, "csm"),
        by=by,
        at=at,
        within="1 bd",
    )
    return plan


@transaction.atomic
def go_on(plan: SuccessPlan, *, by: Any, at: dt.datetime) -> SuccessPlan:
    """A plan that was on hold or completed is worked on again."""
    plan.refresh_from_db(from_queryset=SuccessPlan.objects.select_for_update())
    if plan.is_open:
        raise NotPossible("This plan is under way already. Nothing was changed.")
    audit.update(plan, verb="plan.go_on", by=by, at=at, state=State.OPEN, ended_at=None)
    happened("plan.resumed", plan.account, by=by, at=at, subject=plan, name=plan.name)
    reviews.ask(plan, by=by, at=at)
    office_hours.go_on(plan, by=by, at=at)
    return plan


@transaction.atomic
def complete(plan: SuccessPlan, *, by: Any, at: dt.datetime) -> SuccessPlan:
    """Ends a plan; what is still open of its work is closed as not needed."""
    plan.refresh_from_db(from_queryset=SuccessPlan.objects.select_for_update())
    if plan.state == State.CLOSED:
        raise NotPossible("This plan is completed already. Nothing was changed.")
    audit.update(plan, verb="plan.complete", by=by, at=at, state=State.CLOSED, ended_at=at)
    happened("plan.completed", plan.account, by=by, at=at, subject=plan, name=plan.name)
    reviews.stop(plan, because="Its plan was completed.", by=by, at=at)
    office_hours.rest(plan, because="Its plan was completed.", by=by, at=at)
    for task in plan.tasks.filter(work_item__state="open").select_related("work_item__account", "work_item__clock"):
        if task.work_item:
            work.close(task.work_item, outcome="not_needed", note="Its plan was completed.", by=by, at=at)
    return plan


@transaction.atomic
def add_win(plan: SuccessPlan, *, by: Any, at: dt.datetime, **values: Any) -> PlanWin:
    """Writes down what became better, before and after; `values` are fields of PlanWin."""
    win = PlanWin(plan=plan, **values)
    _check(win)
    audit.create(win, verb="win.add", by=by, at=at)
    happened("plan.win_added", plan.account, by=by, at=at, subject=win, title=win.title)
    return win


@transaction.atomic
def change_win(win: PlanWin, *, version: int | None, by: Any, at: dt.datetime, **values: Any) -> PlanWin:
    """Sets fields of a win; Stale where somebody saved it since `version`."""
    take(win, version, values)
    fresh = PlanWin.objects.select_related("plan").get(pk=win.pk)
    for name, value in values.items():
        setattr(fresh, name, value)
    _check(fresh)
    changed = {name: getattr(fresh, name) for name in values if getattr(fresh, name) != getattr(win, name)}
    if changed:
        audit.update(win, verb="win.change", by=by, at=at, version=win.version + 1, **changed)
        happened("plan.win_changed", win.plan.account, by=by, at=at, subject=win, title=win.title)
    return win


def _check(win: PlanWin) -> None:
    win.full_clean(exclude=["plan"])
    if win.thanks_to and win.thanks_to.account_id != win.plan.account_id:
        raise ValidationError({"thanks_to": f"{win.thanks_to} is at another account; choose somebody of this one."})
    if win.objective and win.objective.plan_id != win.plan_id:
        raise ValidationError({"objective": "Choose an objective of this plan."})
