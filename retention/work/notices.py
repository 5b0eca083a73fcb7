"""Who is handed work by somebody else hears of it, and a message of which nobody knows whether it arrived is work."""

import datetime as dt
from collections.abc import Sequence

from django.urls import reverse

from accounts.events.subscriptions import subscribe
from accounts.outbox import services as outbox
from accounts.outbox.models import Way
from accounts.outbox.registry import Purpose, purposes
from accounts.portfolio import events as portfolio_events
from accounts.portfolio.models import AccountEvent
from accounts.portfolio.queries import holder
from accounts.team.models import User
from retention.work import services as work
from retention.work.registry import work_kinds

HANDED = {"work.opened": ("work", "New work"), "work.reassigned": ("delegated", "Work handed to you")}
"""Kind of event → the notice that tells of it, and its first words."""
SOON = dt.timedelta(days=1)

purposes.add("work", Purpose("New work for me", way=Way.CONSOLE))
purposes.add("delegated", Purpose("Work handed to me", way=Way.CONSOLE))
purposes.add("comment", Purpose("Comments on my work", way=Way.CONSOLE))
purposes.add("mention", Purpose("Somebody mentions me", way=Way.CONSOLE))


@portfolio_events.sinks.register("notifications of new work")
def tell(kind: str, happened: Sequence[AccountEvent], at: dt.datetime) -> None:
    """Books a notification for everybody who was handed work by somebody else, or by the machine."""
    if kind not in HANDED:
        return
    handed = [event for event in happened if event.data.get("user") not in (None, event.actor_id)]
    users = User.objects.in_bulk({event.data["user"] for event in handed}) if handed else {}
    messages = [_message(event, users[event.data["user"]]) for event in handed if event.data["user"] in users]
    if messages:
        outbox.book(messages, at=at)


def _message(event: AccountEvent, user: User) -> outbox.Message:
    purpose, words = HANDED[event.kind]
    key = f"event:{event.pk}"
    if event.kind == "work.opened" and (together := work_kinds[event.data["kind"]].together):
        words, key = together, f"{event.data['kind']} of {event.account_id} at {event.at.isoformat()}"
    return outbox.Message(
        purpose=purpose,
        key=key,
        channel="in_app",
        subject=f"{words}: {event.data['title']}",
        link=reverse("admin:retention_workitem_change", args=[event.subject_id]),
        account=event.account,
        user=user,
    )


@subscribe("delivery.unknown", name="ask about unknown deliveries")
def ask(event: AccountEvent) -> None:
    """A person finds out whether the message arrived: nothing is sent twice by itself."""
    page = reverse("admin:accounts_delivery_change", args=[event.subject_id])
    work.open_item(
        event.account,
        title="Find out whether a message arrived",
        guidance=f"The line went dead while it was handed over. Ask the recipient, then say so on its page: {page}",
        assignee=holder(event.account, "csm"),
        by=None,
        at=event.at,
        due_at=event.at + SOON,
    )
