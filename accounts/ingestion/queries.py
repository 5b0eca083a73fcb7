from django.db.models import Count

from accounts.ingestion.models import QuarantinedItem
from accounts.team.models import User


def quarantine_by_reason(user: User) -> list[tuple[str, str, int]]:
    """Reason, its label and how many items wait for it, most first."""
    rows = QuarantinedItem.objects.for_user(user).order_by().values("reason").annotate(count=Count("pk"))
    labels = dict(QuarantinedItem.Reason.choices)
    found = [(row["reason"], str(labels[row["reason"]]), row["count"]) for row in rows]
    return sorted(found, key=lambda row: -row[2])
