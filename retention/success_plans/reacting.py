"""What plans do when something happens: a deal is won, reopened or lost; a work item is closed."""

import datetime as dt

from accounts.deals.models import Deal
from accounts.events.subscriptions import subscribe
from accounts.foundation.clock import now
from accounts.portfolio.models import AccountEvent, AccountMember
from accounts.team.models import User
from retention.success_plans import objectives, reviews, services, starting
from retention.success_plans.models import PlanObjective, SuccessPlan
from retention.success_plans.office_hours import services as meetings
from retention.success_plans.office_hours.models import OfficeHours
from retention.success_plans.tasks import follow_owner, follow_work
from retention.work.models import WorkItem

NEWS = dt.timedelta(days=30)
"""A deal won longer ago is history that a CRM told us late: its plan is started by hand, if at all."""


@subscribe("deal.won", name="start the success plan of the won deal")
def won(event: AccountEvent) -> None:
    """Starts the plan of a new customer, at most once for each deal."""
    deal = _deal(event)
    if deal is None or deal.type != Deal.Type.NEW or deal.state != Deal.State.WON:
        return
    at = now()
    if at - event.at <= NEWS:
        starting.start_for(deal, won_at=event.at, at=at)


@subscribe("deal.won_again", name="go on with the success plan of the won deal")
def won_again(event: AccountEvent) -> None:
    """Goes on with the plan that was put on hold while the deal was not won."""
    plan = _plan(event)
    if plan and plan.state == SuccessPlan.State.HELD:
        services.go_on(plan, by=None, at=now())


@subscribe("deal.reopened", name="hold the success plan of the reopened deal")
def reopened(event: AccountEvent) -> None:
    """Puts the plan on hold: what was agreed may no longer be so."""
    _hold(event, "The deal was opened again.")


@subscribe("deal.lost", name="hold the success plan of the lost deal")
def lost(event: AccountEvent) -> None:
    """Puts the plan on hold, where the deal had been won before."""
    _hold(event, "The deal was lost after it had been won.")


@subscribe("work.closed", name="end the plan task of closed work")
def work_closed(event: AccountEvent) -> None:
    """Ticks the task whose work item somebody closed in My work."""
    item = WorkItem.objects.select_related("closed_by").filter(pk=_number(event)).first()
    if item and not item.is_open and item.closed_at:
        follow_work(item.pk, by=item.closed_by, at=item.closed_at)
        if item.kind == reviews.KIND:
            reviews.follow_work(item, by=item.closed_by, at=item.closed_at)


@subscribe("work.reassigned", name="the plan task goes where its work goes")
def work_given(event: AccountEvent) -> None:
    """Whoever was given the work of a task does it from then on, and each time that it comes again."""
    follow_owner(_number(event), by=event.actor, at=event.recorded_at)


@subscribe("review.held", name="a review with the customer reviews their plans")
def review_held(event: AccountEvent) -> None:
    """Counts the plans of the account as looked at."""
    reviews.follow_meeting(event.account, by=event.actor, at=event.at)


@subscribe("account.assigned", name="objectives go to whoever takes the customer over")
def taken_over(event: AccountEvent) -> None:
    """What the CSM before answered for in open plans, office hours too, is for the one from now on."""
    user = User.objects.filter(pk=event.data.get("user") or 0, is_active=True).first()
    if user is None or event.data["part"] != AccountMember.Part.CSM or not event.data.get("before"):
        return
    rows = PlanObjective.objects.filter(plan__account=event.account, our_owner=event.data["before"])
    for row in rows.filter(state=PlanObjective.State.OPEN, plan__state=SuccessPlan.State.OPEN).select_related("plan"):
        objectives.change(row, version=None, our_owner=user, by=event.actor, at=event.recorded_at)
    series = OfficeHours.objects.filter(plan__account=event.account, host=event.data["before"], ended_at=None)
    for one in series.select_related("plan", "host"):
        meetings.change(one, host=user, by=event.actor, at=event.recorded_at)


def _hold(event: AccountEvent, because: str) -> None:
    plan = _plan(event)
    if plan and plan.is_draft:
        if plan.is_open and plan.deal and plan.deal.state == Deal.State.LOST:
            services.complete(plan, by=None, at=now())
    elif plan and plan.is_open and plan.deal and plan.deal.state != Deal.State.WON:
        services.hold(plan, by=None, at=now(), because=because)


def _deal(event: AccountEvent) -> Deal | None:
    return Deal.objects.select_related("account", "source").filter(pk=_number(event)).first()


def _plan(event: AccountEvent) -> SuccessPlan | None:
    return SuccessPlan.objects.select_related("account", "deal").filter(deal=_number(event)).first()


def _number(event: AccountEvent) -> int:
    return int(event.subject.rpartition(":")[2] or 0)
