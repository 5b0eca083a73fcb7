"""Whose turn it is: the work that one side has to do, with its clock; and telling people."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from accounts.foundation import audit
from accounts.outbox import services as outbox
from accounts.outbox.registry import Purpose, purposes
from accounts.team.models import User
from retention.handoffs.models import Handoff, HandoffTurn
from retention.work import services as work
from retention.work.alarms import in_charge

KIND = "handoff"
CALLED_OFF = {"called_off", "held"}

purposes.add("handoff", Purpose("Handoffs"))


def give_turn(handoff: Handoff, user: User | None, verb: str, within: str, *, by: Any, at: dt.datetime) -> None:
    """`user` has to do it now; a clock runs in their business hours.

    None: whoever takes it, and those who can give it to somebody are told.
    """
    item = work.open_item(
        handoff.account,
        title=f"{verb} the handoff {handoff.version.template.name}",
        assignee=user,
        kind=KIND,
        within=within,
        by=by,
        at=at,
    )
    audit.update(handoff, verb="handoff.turn", by=by, at=at, work=item)
    audit.create(HandoffTurn(handoff=handoff, work=item), verb="handoff.take_turn", by=by, at=at)
    if user is None:
        tell(handoff, in_charge(handoff.account), f"Nobody is there to {verb.lower()} it", besides=by, at=at)


def work_ended(handoff: Handoff, outcome: str, *, by: Any, at: dt.datetime) -> None:
    """The turn of the one whose turn it was is over."""
    if handoff.work and handoff.work.is_open:
        note = "Its deal was not won after all, or it was called off." if outcome in CALLED_OFF else ""
        work.close(handoff.work, outcome=outcome, note=note, by=by, at=at, is_from_its_page=True)


def tell(handoff: Handoff, people: Sequence[User | None], what: str, *, besides: Any, at: dt.datetime) -> None:
    """Notifies these people, but for `besides`, who did it."""
    told = [
        user for user in dict.fromkeys(people) if user and user.is_active and user.pk != getattr(besides, "pk", None)
    ]
    link = reverse("admin:retention_handoff_change", args=[handoff.pk])
    subject = f"{what}: {handoff.version.template.name}, {handoff.account.name}"
    messages = [
        outbox.Message(
            purpose="handoff",
            key=f"handoff:{handoff.pk}:{what}:{at.isoformat()}",
            channel="in_app",
            subject=subject,
            link=link,
            account=handoff.account,
            user=user,
        )
        for user in told
    ]
    if messages:
        outbox.book(messages, at=at)
