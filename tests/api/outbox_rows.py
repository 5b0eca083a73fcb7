"""Rows for the lists of what leaves: each with everything its list shows."""

from collections.abc import Callable
from typing import Any

from accounts.team.models import ApiKey
from tests.factories import accounts


def a_delivery(number: int) -> None:
    to = {"user": None, "endpoint": accounts.WebhookEndpointFactory(), "channel": "webhook"} if number % 2 else {}
    delivery = accounts.DeliveryBodyFactory(**{f"delivery__{name}": value for name, value in to.items()}).delivery
    accounts.DeliveryAttemptFactory(delivery=delivery)


def a_notification(number: int) -> None:
    """For whoever asks: the user that the key of these tests acts as."""
    key = ApiKey.objects.order_by("pk").last()
    told = {"delivery__user": key.user if key else accounts.UserFactory(), "delivery__channel": "in_app"}
    accounts.DeliveryBodyFactory(**told, delivery__state="done", delivery__outcome="sent")


OUTBOX: dict[str, Callable[[int], Any]] = {
    "deliveries": a_delivery,
    "notifications": a_notification,
    "webhook-endpoints": lambda number: accounts.WebhookEndpointFactory(kinds=["stage.changed"]),
}
