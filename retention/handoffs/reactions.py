"""What handoffs do about what happens: a deal moves, work is given to somebody else."""

from django.core.exceptions import ValidationError

from accounts.deals.models import Deal
from accounts.events.subscriptions import subscribe
from accounts.portfolio.models import AccountEvent
from accounts.team.models import User
from retention.handoffs.models import Handoff
from retention.handoffs.services.handing import hand_to
from retention.handoffs.services.starting import follow
from retention.handoffs.services.succeeding import succeed

OVER = (Handoff.State.ACCEPTED, Handoff.State.CANCELLED)


def _react(event: AccountEvent) -> None:
    deal = Deal.objects.filter(pk=event.subject_id or 0).first()
    if deal is not None:
        follow(deal, at=event.recorded_at)


for _kind in ("committed", "won", "won_again", "lost", "reopened"):
    subscribe(f"deal.{_kind}", name=f"handoff of a deal {_kind.replace('_', ' ')}")(_react)


@subscribe("work.reassigned", name="handoff goes where its work goes")
def follow_work(event: AccountEvent) -> None:
    """Whoever is given the work of a handoff is its side from then on."""
    handoff = Handoff.objects.select_related("work").filter(work=event.subject_id).first()
    if handoff is None or handoff.is_over or handoff.work is None or not handoff.work.is_open:
        return
    side = "giver" if handoff.is_with_giver else "receiver"
    user = User.objects.filter(pk=handoff.work.assignee_id).first()
    if user == getattr(handoff, side):
        return
    try:
        hand_to(handoff, by=event.actor, at=event.recorded_at, **{side: user})
    except ValidationError:
        return  # it would be one person on both sides: the work is theirs, accepting stays with somebody else


@subscribe("account.assigned", name="handoff to whoever takes a customer over")
def change_hands(event: AccountEvent) -> None:
    """Begins the checklist of a change, where somebody had the part before."""
    people = User.objects.select_related("team__manager").in_bulk(
        [one for one in (event.data.get("before"), event.data.get("user")) if one]
    )
    before, user = people.get(event.data.get("before") or 0), people.get(event.data.get("user") or 0)
    if before is None or user is None or not user.is_active:
        return
    given = {"part": event.data["part"], "before": before, "user": user, "key": f"assigned:{event.pk}"}
    succeed(event.account, **given, by=event.actor, at=event.recorded_at)


@subscribe("account.assigned", name="handoff gets the side that nobody was")
def fill_side(event: AccountEvent) -> None:
    """Whoever becomes CSM or AE of the account is a side of its handoffs that had nobody there."""
    user = User.objects.filter(pk=event.data.get("user"), is_active=True).first()
    if user is None:
        return
    running = Handoff.objects.filter(account=event.account).exclude(state__in=OVER).select_related("version")
    for handoff in running:
        for side in ("giver", "receiver"):
            if getattr(handoff, f"{side}_id") is None and getattr(handoff.version, side) == event.data["part"]:
                try:
                    hand_to(handoff, by=event.actor, at=event.recorded_at, **{side: user})
                except ValidationError:
                    continue  # they are the other side already
