"""The one HTTP client: everything that leaves over HTTP goes through `send`."""

from accounts.outbox.http.addresses import Forbidden
from accounts.outbox.http.client import Answer, Unanswered, Unreachable, send

__all__ = ["Answer", "Forbidden", "Unanswered", "Unreachable", "send"]
