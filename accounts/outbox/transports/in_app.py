"""In the console: what is booked is there, and waits under the bell until its user has read it."""

import datetime as dt

from accounts.outbox.models import Delivery
from accounts.outbox.registry import Promise, Transport, transports


def _send(delivery: Delivery, at: dt.datetime) -> str:
    return ""


def _address(delivery: Delivery) -> str:
    return delivery.user.username if delivery.user else ""


transports.add(
    "in_app",
    Transport("Notification", Promise.IDEMPOTENT, _send, _address, is_here=True, keep=dt.timedelta(days=90)),
)
