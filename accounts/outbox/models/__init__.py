"""What leaves, and where to."""

from accounts.outbox.models.choice import Digest, NoticeChoice, Way
from accounts.outbox.models.delivery import Delivery, DeliveryAttempt, DeliveryBody
from accounts.outbox.models.endpoint import WebhookEndpoint

__all__ = ["Delivery", "DeliveryAttempt", "DeliveryBody", "Digest", "NoticeChoice", "WebhookEndpoint", "Way"]
