"""Who hears that work is about to run out of time, or has: its owner, the owner's manager, then a leader."""

import datetime as dt

from django.urls import reverse

from accounts.outbox import services as outbox
from accounts.outbox.registry import Purpose, purposes
from accounts.team.models import User
from retention.slas.models import Clock
from retention.slas.registry import listeners
from retention.work import services
from retention.work.models import WorkItem

LEADER = "leader"
"""The role whose people hear of what nobody did in twice the time."""
SUBJECTS = {
    Clock.Level.WARNED: "Due soon: {title}",
    Clock.Level.BREACHED: "Out of time: {title}",
    Clock.Level.ESCALATED: "Nobody has done it in twice the time: {title}",
}

purposes.add("clock", Purpose("Work that runs out of time"))


@listeners.register("work")
def hear(clock: Clock, level: "Clock.Level | None", at: dt.datetime) -> None:
    """Moves the due time of the work with its clock, or tells people how far it has come."""
    item = WorkItem.objects.filter(clock=clock).select_related("account", "assignee__team__manager", "clock").first()
    if item is None:
        return
    if level is None:
        services.follow(item, by=None, at=at)
    else:
        outbox.book([_message(item, level, user) for user in told(item, level)], at=at)


def told(item: WorkItem, level: "Clock.Level") -> list[User]:
    """Who hears of it: its owner before the time is over, then the owner and their manager, at last the leaders."""
    if level == Clock.Level.ESCALATED:
        return list(User.objects.filter(is_active=True, role__key=LEADER).order_by("pk"))
    owner = item.assignee
    people = [owner] if owner else []
    if level == Clock.Level.BREACHED and owner and owner.team and owner.team.manager:
        people.append(owner.team.manager)
    return [user for user in dict.fromkeys(people) if user.is_active]


def _message(item: WorkItem, level: "Clock.Level", user: User) -> outbox.Message:
    return outbox.Message(
        purpose="clock",
        key=f"clock:{item.clock_id}:{level.value}",
        channel="in_app",
        subject=f"{SUBJECTS[level].format(title=item.title)}, {item.account.name}",
        link=reverse("admin:retention_workitem_change", args=[item.pk]),
        account=item.account,
        user=user,
    )
