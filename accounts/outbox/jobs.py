import datetime as dt
from functools import partial
from typing import Any

from django.db.models import QuerySet

from accounts.foundation.clock import now
from accounts.foundation.many import among
from accounts.keeping.queries import past
from accounts.keeping.registry import Period, periods
from accounts.outbox.models import Delivery, DeliveryBody
from accounts.outbox.registry import transports

BATCH = 1_000


def forget() -> int:
    """Deletes the words that are kept no longer, and what other systems were sent along with them; returns how many.

    What was sent to people stays on record, without its words.
    """
    gone = 0
    at = now()
    while ids := list(_expired(at).values_list("pk", flat=True)[:BATCH]):
        DeliveryBody.objects.filter(pk__in=among(ids)).delete()
        machines = Delivery.objects.filter(pk__in=among(ids), endpoint__isnull=False)
        machines.exclude(state__in=(Delivery.State.DUE, Delivery.State.DEAD)).delete()
        gone += len(ids)
    return gone


def _expired(at: dt.datetime) -> QuerySet[Any]:
    found = DeliveryBody.objects.none()
    for channel, transport in transports.items():
        name = f"words_{channel}"
        found |= past(name, at=at) if name in periods else _words_before(channel, at - transport.keep)
    return found


def _words_before(channel: str, instant: dt.datetime) -> QuerySet[Any]:
    """Words of what was booked before an instant, but for what still waits to be sent.

    A row says until when it is kept by the usual period of its channel, and is found by that index: a change of the
    period must not rewrite millions of rows.
    """
    rows = DeliveryBody.objects.filter(delivery__channel=channel, keep_until__lt=instant + transports[channel].keep)
    return rows.exclude(delivery__state=Delivery.State.DUE)


for name, transport in transports.items():
    periods.add(
        f"words_{name}",
        Period(
            f"Words of messages: {transport.label.lower()}",
            "Subject, text and address of what was sent; "
            + ("the call goes with them." if name == "webhook" else "that it was sent, when and to whom, stays."),
            days=transport.keep.days,
            smallest=7,
            largest=3650,
            why="What the machine gave up is decided about within days, and needs its words until then.",
            older=partial(_words_before, name),
        ),
    )
