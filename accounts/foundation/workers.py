"""Which workers live. Each keeps its own row; nobody else writes it."""

import datetime as dt
from uuid import UUID

from django.db.models import Max, QuerySet

from accounts.foundation.models import Worker

LOST = dt.timedelta(seconds=60)
"""A worker that has not been seen for this long does not live any more."""
KEPT = dt.timedelta(days=1)
"""How long the row of a lost worker stays, for whoever asks what became of it."""


def seen(
    worker: UUID, *, host: str, pid: int, started_at: dt.datetime, worked_at: dt.datetime | None, at: dt.datetime
) -> None:
    """Notes that a worker lives and does its work; forgets those that were lost long ago."""
    values = {"host": host, "pid": pid, "started_at": started_at, "seen_at": at, "worked_at": worked_at}
    Worker.objects.update_or_create(id=worker, defaults=values)
    Worker.objects.filter(seen_at__lt=at - KEPT).delete()


def left(worker: UUID) -> None:
    """Notes that a worker has ended in order."""
    Worker.objects.filter(id=worker).delete()


def living(at: dt.datetime) -> QuerySet[Worker]:
    """The workers that do their work."""
    return Worker.objects.filter(seen_at__gte=at - LOST)


def lost(at: dt.datetime) -> QuerySet[Worker]:
    """The workers that ended otherwise than in order, within the last day."""
    return Worker.objects.filter(seen_at__lt=at - LOST)


def last_seen() -> dt.datetime | None:
    """When any worker was seen last; None where none has been for a day."""
    return Worker.objects.aggregate(at=Max("seen_at"))["at"]
