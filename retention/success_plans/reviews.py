"""Plans are looked at every so many days: the next review is work of the CSM, and one held asks for the next."""

import datetime as dt
from typing import Any

from django.db import transaction

from accounts.foundation import audit
from accounts.foundation.clock import now
from accounts.portfolio.events import happened
from accounts.portfolio.models import Account
from accounts.portfolio.queries import holder
from retention.success_plans.models import SuccessPlan
from retention.success_plans.tasks import take_plan
from retention.success_plans.versions import NotPossible
from retention.work import services as work
from retention.work.models import WorkItem

KIND, HELD, NOT_NEEDED = "plan_review", "held", "not_needed"
BATCH = 200


def due_at(plan: SuccessPlan, *, at: dt.datetime) -> dt.datetime:
    """When a plan is to be looked at next; at the earliest now."""
    return max((plan.reviewed_at or plan.started_at) + dt.timedelta(days=plan.review_days), at)


def ask(plan: SuccessPlan, *, by: Any, at: dt.datetime) -> WorkItem | None:
    """Makes the next review work of the CSM; None where it is already, or the plan is a draft or not under way."""
    if plan.is_draft or not plan.is_open or (plan.review and plan.review.is_open):
        return None
    item = work.open_item(
        plan.account,
        title=f"Review the plan “{plan.name}”",
        guidance="Where does each objective stand, what holds us up, and what is the next step?",
        assignee=holder(plan.account, "csm"),
        due_at=due_at(plan, at=at),
        kind=KIND,
        by=by,
        at=at,
    )
    audit.update(plan, verb="plan.ask_review", by=by, at=at, review=item)
    return item


@transaction.atomic
def hold(plan: SuccessPlan, *, by: Any, at: dt.datetime) -> SuccessPlan:
    """Somebody looked at the plan with the customer; the next look is due `review_days` later."""
    take_plan(plan)
    if plan.is_draft:
        raise NotPossible("This plan is a draft: its reviews begin with the win. Nothing was changed.")
    if plan.review and plan.review.is_open:
        work.close(plan.review, outcome=HELD, by=by, at=at)
    return _held(plan, by=by, at=at)


def _held(plan: SuccessPlan, *, by: Any, at: dt.datetime) -> SuccessPlan:
    audit.update(plan, verb="plan.review", by=by, at=at, reviewed_at=at)
    happened("plan.reviewed", plan.account, by=by, at=at, subject=plan, name=plan.name)
    ask(plan, by=by, at=at)
    return plan


@transaction.atomic
def follow_work(item: WorkItem, *, by: Any, at: dt.datetime) -> None:
    """Whoever ends the work in My work held the review, or did without; either way the next one is asked for."""
    rows = SuccessPlan.objects.select_for_update(of=("self",)).select_related("account")
    plan = rows.filter(review=item, state=SuccessPlan.State.OPEN).first()
    if plan is None or item.is_open or (plan.reviewed_at and plan.reviewed_at >= at):
        return
    if item.state == WorkItem.State.DONE:
        _held(plan, by=by, at=at)
    else:
        audit.update(plan, verb="plan.skip_review", by=by, at=at, reviewed_at=at)
        ask(plan, by=by, at=at)


@transaction.atomic
def follow_meeting(account: Account, *, by: Any, at: dt.datetime) -> int:
    """A review with the customer was written down: their plans count as looked at then. Returns how many."""
    rows = SuccessPlan.objects.select_for_update(of=("self",)).select_related("account")
    found = rows.filter(account=account, state=SuccessPlan.State.OPEN, is_draft=False)
    plans = [plan for plan in found if plan.reviewed_at is None or plan.reviewed_at < at]
    for plan in plans:
        hold(plan, by=by, at=at)
    return len(plans)


def stop(plan: SuccessPlan, *, because: str, by: Any, at: dt.datetime) -> None:
    """Nobody is to review the plan for now."""
    if plan.review and plan.review.is_open:
        work.close(plan.review, outcome=NOT_NEEDED, note=because, by=by, at=at)


def move(plan: SuccessPlan, *, by: Any, at: dt.datetime) -> None:
    """The days between reviews are others now: the next one is due accordingly."""
    if plan.review and plan.review.is_open:
        audit.update(plan.review, verb="work.move", by=by, at=at, due_at=due_at(plan, at=at))


def ask_all(*, at: dt.datetime | None = None) -> int:
    """Asks for the next review of plans that lack one, such as those that are older than reviews; returns how many."""
    at = at or now()
    lacking = SuccessPlan.objects.filter(state=SuccessPlan.State.OPEN, is_draft=False).exclude(review__state="open")
    asked = 0
    for pk in list(lacking.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            rows = SuccessPlan.objects.select_for_update(of=("self",)).select_related("account", "review")
            asked += ask(rows.get(pk=pk), by=None, at=at) is not None
    return asked
