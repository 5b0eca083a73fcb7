"""Deliveries, notifications, webhook endpoints and the outbound mode on the REST API."""

from accounts.outbox.api.choices import NoticeChoicesViewSet
from accounts.outbox.api.deliveries import DeliveryViewSet
from accounts.outbox.api.endpoints import WebhookEndpointViewSet
from accounts.outbox.api.mode import OutboundModeViewSet
from accounts.outbox.api.notifications import NotificationViewSet

ROUTES = {
    "deliveries": DeliveryViewSet,
    "notifications": NotificationViewSet,
    "webhook-endpoints": WebhookEndpointViewSet,
}
SINGLE = {"outbound-mode": OutboundModeViewSet, "notice-choices": NoticeChoicesViewSet}
"""What there is one of: read with GET, changed with PATCH."""
