"""Things about the evaluation itself that a person should look at."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import F

from accounts.foundation import audit
from retention.evaluation.models import Incident

LINES = 50
"""Lines kept of one incident; the rest is counted."""


@transaction.atomic
def report(kind: str, subject: str, lines: Sequence[str], *, at: dt.datetime) -> Incident:
    """Notes it. While an incident about the same subject is open, it only counts and takes the newest lines."""
    kept = list(lines[:LINES])
    if len(lines) > LINES:
        kept.append(f"… and {len(lines) - LINES} more")
    found, is_new = Incident.objects.get_or_create(
        kind=kind, subject=subject[:200], closed_at=None, defaults={"at": at, "last_seen_at": at, "details": kept}
    )
    if not is_new:
        Incident.objects.filter(pk=found.pk).update(times=F("times") + 1, last_seen_at=at, details=kept)
        found.refresh_from_db()
    return found


@transaction.atomic
def close(incident: Incident, *, by: Any, at: dt.datetime) -> Incident:
    """Somebody looked at it; it comes back as a new one when it happens again."""
    if incident.closed_at is None:
        audit.update(incident, verb="incident.close", by=by, at=at, closed_at=at, closed_by=by)
    return incident
