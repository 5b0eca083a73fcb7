"""Forgetting old answers."""

from accounts.foundation.clock import now
from accounts.idempotency.models import StoredAnswer
from accounts.idempotency.services import KEPT


def forget() -> int:
    """Deletes the answers that are kept no longer; how many those were."""
    return StoredAnswer.objects.filter(created_at__lt=now() - KEPT).delete()[0]
