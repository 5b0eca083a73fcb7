"""Open work goes to whoever takes a customer over."""

from accounts.events.subscriptions import subscribe
from accounts.portfolio.models import AccountEvent, AccountMember
from accounts.team.models import User
from retention.work import services
from retention.work.models import WorkItem

KEPT = {"handoff"}
"""Kinds of work whose own page says who does it."""


@subscribe("account.assigned", name="open work goes to whoever takes the customer over")
def take_over(event: AccountEvent) -> None:
    """What the CSM before had to do is for the one from now on; of another part, where they have no other one there."""
    user = User.objects.filter(pk=event.data.get("user") or 0, is_active=True).first()
    before = event.data.get("before")
    if user is None or before is None:
        return
    stays = AccountMember.objects.filter(account=event.account, user=before).exists()
    if stays and event.data["part"] != AccountMember.Part.CSM:
        return
    items = WorkItem.objects.filter(account=event.account, assignee=before, state=WorkItem.State.OPEN)
    for item in items.exclude(kind__in=KEPT).order_by("pk"):
        services.reassign(item, to=user, by=event.actor, at=event.recorded_at)
