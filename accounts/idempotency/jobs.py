"""Forgetting old answers."""

from accounts.foundation.clock import now
from accounts.foundation.many import delete_all
from accounts.idempotency.models import StoredAnswer
from accounts.keeping.queries import past
from accounts.keeping.registry import Period, periods


def forget() -> int:
    """Deletes the answers that are kept no longer; how many those were."""
    return delete_all(past("answers", at=now()))


periods.add(
    "answers",
    Period(
        "Answers kept for repeated requests",
        "The sealed answers that a repeat with the same Idempotency-Key gets again. What the requests did stays.",
        days=3,
        smallest=1,
        largest=30,
        why="Clients repeat for a day or two; a key that is forgotten too early would carry out the request again.",
        older=lambda before: StoredAnswer.objects.filter(created_at__lt=before),
    ),
)
