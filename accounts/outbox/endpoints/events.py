"""Events become deliveries to the endpoints that asked for their kind."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from accounts.events.timeline import PERSON_FIELDS
from accounts.foundation.remembering import remembered
from accounts.outbox import services
from accounts.outbox.models import WebhookEndpoint
from accounts.outbox.registry import Purpose, purposes
from accounts.portfolio import events as portfolio_events
from accounts.portfolio.models import AccountEvent
from accounts.team.models import User

LISTENING = (WebhookEndpoint.State.ACTIVE, WebhookEndpoint.State.PAUSED)

purposes.add("event", Purpose("Event", lifetime=dt.timedelta(days=3)))


@remembered
def _listening() -> list[WebhookEndpoint]:
    return list(WebhookEndpoint.objects.filter(state__in=LISTENING))


@portfolio_events.sinks.register("webhooks")
def book(kind: str, happened: Sequence[AccountEvent], at: dt.datetime) -> None:
    """Books events of one kind for every endpoint that wants it, in as many statements as for one event."""
    wanted = [one for one in _listening() if not one.kinds or kind in one.kinds]
    if not wanted:
        return
    names = _usernames(happened)
    messages = []
    for event in happened:
        text = payload(event, names)
        messages += [
            services.Message(
                purpose="event",
                key=f"event:{event.pk}",
                channel="webhook",
                subject=portfolio_events.words(kind),
                text=text,
                account=event.account,
                endpoint=endpoint,
            )
            for endpoint in wanted
        ]
    services.book(messages, at=at)


def payload(event: AccountEvent, usernames: Mapping[int, str]) -> str:
    """An event as the body of a webhook: its kind, when it happened, and what happened to which account."""
    data = {
        name: usernames.get(value) if name in PERSON_FIELDS and isinstance(value, int) else value
        for name, value in event.data.items()
    }
    return composed(
        event.kind,
        event.at,
        event=event.pk,
        account={"key": event.account.key, "name": event.account.name},
        subject=event.subject or None,
        actor=event.actor.username if event.actor else None,
        recorded_at=event.recorded_at,
        values=data,
    )


def composed(kind: str, at: dt.datetime, **data: Any) -> str:
    """The body of a webhook in the shape of Standard Webhooks."""
    whole = {"type": kind, "timestamp": at, "data": data}
    return json.dumps(whole, cls=DjangoJSONEncoder, separators=(",", ":"), ensure_ascii=False)


def _usernames(happened: Sequence[AccountEvent]) -> dict[int, str]:
    ids = {event.data.get(name) for event in happened for name in PERSON_FIELDS}
    numbers = {one for one in ids if isinstance(one, int)}
    return dict(User.objects.filter(pk__in=numbers).values_list("pk", "username")) if numbers else {}
