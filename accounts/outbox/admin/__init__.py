"""The console's pages of what leaves: Sent, notifications, the outbound mode, webhooks."""

from accounts.outbox.admin.deliveries import DeliveryAdmin
from accounts.outbox.admin.endpoints import WebhookEndpointAdmin

__all__ = ["DeliveryAdmin", "WebhookEndpointAdmin"]
