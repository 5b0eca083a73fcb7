"""Tasks of a plan. One of ours is a work item as well: whichever is ended ends the other."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.foundation import audit
from accounts.portfolio.events import happened
from accounts.stakeholders.models import Stakeholder
from accounts.team.models import User
from accounts.team.services import must_be_here
from accounts.workspace.queries import workspace
from retention.slas.hours import followed_by, hours, zone_of
from retention.success_plans.models import PlanTask, SuccessPlan
from retention.success_plans.versions import NotPossible, take
from retention.work import services as work
from retention.work.models import WorkItem

KIND = "plan_task"
MANY = 200
"""Tasks of one plan: a longer one is no longer a plan."""
EDITABLE = (
    *("title", "result", "side", "minutes", "our_owner", "their_owner", "due_on", "repeat_days", "is_shared"),
    "objective",
)


def take_plan(plan: SuccessPlan) -> None:
    """Reads `plan` anew, locked, and refuses one that is not open."""
    plan.refresh_from_db(from_queryset=SuccessPlan.objects.select_for_update())
    if not plan.is_open:
        raise NotPossible(f"This plan is {plan.get_state_display().lower()}. Nothing was changed.")


def today(at: dt.datetime) -> dt.date:
    """The day of the workspace at `at`."""
    return at.astimezone(ZoneInfo(workspace().time_zone)).date()


def add(task: PlanTask, *, by: Any, at: dt.datetime, due_at: dt.datetime | None = None) -> PlanTask:
    """Saves a new task, as a work item too where it is ours and has an owner or a date; the plan is open."""
    task.full_clean(exclude=["plan", "work_item", "objective"])
    _must_fit(task)
    if task.side == PlanTask.Side.OURS:
        task.work_item = _as_work(task, task.our_owner, due_at or _end_of(task), by=by, at=at)
    return audit.create(task, verb="task.add", by=by, at=at)


def _as_work(task: PlanTask, owner: User | None, due_at: dt.datetime | None, *, by: Any, at: dt.datetime) -> WorkItem:
    """The work of `owner` that a task is; a clock warns them where the customer sees by when it is promised."""
    is_promised = due_at is not None and task.is_shared
    return work.open_item(
        task.plan.account,
        title=task.title,
        assignee=owner,
        by=by,
        at=at,
        due_at=due_at,
        within=work.time_until(due_at, owner, at=at) if is_promised and due_at else "" if due_at else "5 bd",
        kind=KIND,
        guidance=task.result,
    )


def _end_of(task: PlanTask) -> dt.datetime | None:
    """When the day on which it is due ends for its owner."""
    if task.due_on is None:
        return None
    its = hours(followed_by(task.our_owner), zone=zone_of(task.our_owner))
    return dt.datetime.combine(task.due_on, its.closes, ZoneInfo(its.zone))


def _must_fit(task: PlanTask) -> None:
    account_id = task.plan.account_id
    if task.their_owner and task.their_owner.account_id != account_id:
        raise ValidationError(
            {"their_owner": f"{task.their_owner} is at another account; choose somebody of this one."}
        )
    if task.objective and task.objective.plan_id != task.plan_id:
        raise ValidationError({"objective": "Choose an objective of this plan."})
    if task.repeat_days == 0:
        raise ValidationError({"repeat_days": "Give at least 1 day, or leave it empty."})


@transaction.atomic
def add_by_hand(plan: SuccessPlan, *, by: Any, at: dt.datetime, **values: Any) -> PlanTask:
    """One more task of an open plan; `values` are fields of PlanTask."""
    take_plan(plan)
    if (count := plan.tasks.count()) >= MANY:
        raise ValidationError(f"A plan has at most {MANY} tasks.")
    must_be_here(values.get("our_owner"), field="our_owner")
    return add(PlanTask(plan=plan, position=count, **values), by=by, at=at)


@transaction.atomic
def change(task: PlanTask, *, version: int | None, by: Any, at: dt.datetime, **values: Any) -> PlanTask:
    """Sets fields of an open task; Stale where somebody saved it since `version`. Its work item follows."""
    take_plan(task.plan)
    take(task, version, values)
    _must_be_open(task)
    before_owner, before_day = task.our_owner, task.due_on
    fresh = PlanTask.objects.select_related("plan__account").get(pk=task.pk)
    for name, value in values.items():
        setattr(fresh, name, value)
    fresh.full_clean(exclude=["plan", "work_item", "objective"])
    _must_fit(fresh)
    changed = {name: getattr(fresh, name) for name in values if getattr(fresh, name) != getattr(task, name)}
    if changed:
        audit.update(task, verb="task.change", by=by, at=at, **changed, version=task.version + 1)
        is_moved = before_day != task.due_on or "is_shared" in changed
        _move_work(task, before_owner != task.our_owner, is_moved, by=by, at=at)
    return task


def _move_work(task: PlanTask, owner_changed: bool, day_changed: bool, *, by: Any, at: dt.datetime) -> None:
    item = task.work_item
    if item is None or not item.is_open:
        return
    if owner_changed:
        must_be_here(task.our_owner, field="our_owner")
        work.reassign(item, to=task.our_owner, by=by, at=at)
    if day_changed and (due_at := _end_of(task)):
        within = work.time_until(due_at, task.our_owner, at=at) if task.is_shared else ""
        work.promise_anew(item, due_at=due_at, within=within, by=by, at=at)


def _must_be_open(task: PlanTask) -> None:
    if not task.is_open:
        raise NotPossible(f"This task is {task.get_state_display().lower()} already. Nothing was changed.")


@transaction.atomic
def finish(
    task: PlanTask,
    *,
    by: Any,
    at: dt.datetime,
    version: int | None = None,
    customer: Stakeholder | None = None,
    state: str = PlanTask.State.DONE,
) -> PlanTask:
    """Ticks a task, by one of us or by `customer`; its work item is closed, and what repeats comes again."""
    take_plan(task.plan)
    take(task, version)
    _must_be_open(task)
    audit.update(
        task,
        verb="task.finish" if state == PlanTask.State.DONE else "task.skip",
        by=by,
        at=at,
        state=state,
        done_at=at,
        done_on=today(at),
        done_by=by,
        done_by_customer=customer,
        version=task.version + 1,
        **({"because": f"by stakeholder {customer.pk}, on the shared page"} if customer else {}),
    )
    item = task.work_item
    if item and WorkItem.objects.filter(pk=item.pk, state=WorkItem.State.OPEN).exists():
        outcome, note = ("done", "") if state == PlanTask.State.DONE else ("not_needed", "Not needed in the plan.")
        work.close(item, outcome=outcome, by=by, at=at, note=note)
    who: dict[str, Any] = {"stakeholder": customer.pk} if customer else {}
    happened("plan.task_finished", task.plan.account, by=by, at=at, subject=task, title=task.title, state=state, **who)
    _come_again(task, by=by, at=at)
    return task


def _come_again(task: PlanTask, *, by: Any, at: dt.datetime) -> None:
    """The next one of a task that repeats, counted from when this one was due."""
    if not task.repeat_days or task.times_left == 0:
        return
    due_on = (task.due_on or today(at)) + dt.timedelta(days=task.repeat_days)
    while due_on <= today(at):
        due_on += dt.timedelta(days=task.repeat_days)
    same = ("plan", "objective", "position", "list", "title", "result", "side", "role", "minutes")
    values = {name: getattr(task, name) for name in (*same, "their_owner", "repeat_days", "is_shared")}
    values["our_owner"] = _owner(task)
    left = None if task.times_left is None else task.times_left - 1
    add(PlanTask(**values, due_on=due_on, times_left=left), by=by, at=at)


def _owner(task: PlanTask) -> User | None:
    """Who of us does it from now on: whoever was given its work last; nobody yet where they have left meanwhile."""
    item = WorkItem.objects.select_related("assignee").filter(pk=task.work_item_id or 0).first()
    owner = item.assignee if item else task.our_owner
    return owner if owner and owner.is_active else None


@transaction.atomic
def follow_owner(item_id: int, *, by: Any, at: dt.datetime) -> None:
    """The open task whose work item was given to somebody is theirs; nothing where its plan is not open any more."""
    rows = PlanTask.objects.select_related("plan", "work_item__assignee").select_for_update(of=("self",))
    task = rows.filter(work_item=item_id, state=PlanTask.State.OPEN, plan__state=SuccessPlan.State.OPEN).first()
    if task and task.work_item and task.our_owner_id != task.work_item.assignee_id:
        to = task.work_item.assignee
        audit.update(task, verb="task.change", by=by, at=at, our_owner=to, version=task.version + 1)


@transaction.atomic
def reopen(task: PlanTask, *, by: Any, at: dt.datetime, version: int | None = None) -> PlanTask:
    """Takes a tick back; one of ours becomes work again."""
    take_plan(task.plan)
    take(task, version)
    if task.is_open:
        raise NotPossible("This task is open already. Nothing was changed.")
    empty = {"done_at": None, "done_on": None, "done_by": None, "done_by_customer": None}
    item = None
    if task.side == PlanTask.Side.OURS:
        item = _as_work(task, _owner(task), _end_of(task), by=by, at=at)
    values = {**empty, "state": PlanTask.State.OPEN, "work_item": item, "version": task.version + 1}
    audit.update(task, verb="task.reopen", by=by, at=at, **values)
    happened("plan.task_reopened", task.plan.account, by=by, at=at, subject=task, title=task.title)
    return task


def follow_work(item_id: int, *, by: Any, at: dt.datetime) -> None:
    """Ends the task whose work item was closed; nothing where it has ended, or the plan is not open any more."""
    with transaction.atomic():
        rows = PlanTask.objects.select_related("plan__account", "work_item").filter(work_item=item_id)
        task = rows.filter(state=PlanTask.State.OPEN, plan__state=SuccessPlan.State.OPEN).first()
        if task is None or task.work_item is None:
            return
        is_done = task.work_item.state == WorkItem.State.DONE
        finish(task, by=by, at=at, state=PlanTask.State.DONE if is_done else PlanTask.State.SKIPPED)
