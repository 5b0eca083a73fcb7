"""Who hears that work is about to run out of time, or has: its owner, the owner's manager, then a leader."""

import datetime as dt

from django.db import models
from django.urls import reverse

from accounts.outbox import services as outbox
from accounts.outbox.models import Way
from accounts.outbox.registry import Purpose, purposes
from accounts.portfolio.models import Account
from accounts.team.models import User
from accounts.team.powers import administrators
from retention.slas.models import Clock
from retention.slas.registry import listeners
from retention.work import services
from retention.work.models import WorkItem

MANAGER = "cs_manager"
"""The role whose people give work to somebody."""
LEADER = "leader"
"""The role whose people hear of what nobody did in twice the time; where nobody has it, the administrators do."""
TOLD = {
    Clock.Level.WARNED: ("clock", "Due soon: {title}"),
    Clock.Level.BREACHED: ("breach", "Out of time: {title}"),
    Clock.Level.ESCALATED: ("escalation", "Nobody has done it in twice the time: {title}"),
}
"""How far a clock has come → the notice that tells of it, and its words."""

purposes.add("clock", Purpose("A clock is about to run out", way=Way.CONSOLE))
purposes.add("breach", Purpose("A clock has run out", way=Way.CONSOLE, by_role={"cs_manager": Way.EMAIL}))
purposes.add("escalation", Purpose("Nobody did it in twice the time", way=Way.EMAIL))


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
    """Who hears of it: its owner before the time is over, then the owner and their manager, at last the leaders.

    Where nobody owns it, those hear who can give it to somebody.
    """
    if level == Clock.Level.ESCALATED:
        return leaders()
    owner = item.assignee
    if owner is None:
        return in_charge(item.account)
    people = [owner]
    if level == Clock.Level.BREACHED and owner.team and owner.team.manager:
        people.append(owner.team.manager)
    return [user for user in dict.fromkeys(people) if user.is_active]


def in_charge(account: Account) -> list[User]:
    """Who gives work on `account` to somebody: the managers who see it, and else the leaders."""
    managers = _active().filter(role__key=MANAGER)
    return [one for one in managers if Account.objects.for_user(one).filter(pk=account.pk).exists()] or leaders()


def leaders() -> list[User]:
    """Who leads, and else the administrators: somebody hears of what a leader has to know or to decide."""
    return list(_active().filter(role__key=LEADER)) or list(administrators().order_by("pk"))


def _active() -> models.QuerySet[User]:
    return User.objects.filter(is_active=True).order_by("pk")


def _message(item: WorkItem, level: "Clock.Level", user: User) -> outbox.Message:
    purpose, words = TOLD[level]
    return outbox.Message(
        purpose=purpose,
        key=f"clock:{item.clock_id}:{level.value}",
        channel="in_app",
        subject=f"{words.format(title=item.title)}, {item.account.name}",
        link=reverse("admin:retention_workitem_change", args=[item.pk]),
        account=item.account,
        user=user,
    )
