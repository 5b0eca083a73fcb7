"""Claims: how one of several workers takes a row, and how a worker that lost it is refused.

A claim is one conditional UPDATE; every later write repeats the fence it was given.
"""

import datetime as dt
from typing import Any

from django.db import models
from django.db.models import F, Q

from accounts.foundation.records import Record

TRIES = 8


class Claimable(Record):
    """A row of work for machines: due, claimed under a lease, done or dead."""

    class State(models.TextChoices):
        DUE = "due", "Due"
        """Waiting for its `next_attempt_at`."""
        DONE = "done", "Done"
        DEAD = "dead", "Given up"
        """Failed `TRIES` times; a person decides."""

    state = models.CharField(max_length=4, choices=State.choices, default=State.DUE)
    next_attempt_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    fence = models.BigIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)

    class Meta:
        abstract = True


def due(rows: models.QuerySet[Any], *, at: dt.datetime) -> models.QuerySet[Any]:
    """Those of `rows` that may be claimed now: due, and under nobody's lease."""
    free = Q(lease_until=None) | Q(lease_until__lte=at)
    return rows.filter(free, state=Claimable.State.DUE, next_attempt_at__lte=at)


def claim(row: Claimable, *, at: dt.datetime, lease: dt.timedelta) -> bool:
    """Takes `row` for `lease`; False when another worker was first. Sets the row's fence."""
    rows = due(type(row).objects.filter(pk=row.pk, fence=row.fence), at=at)
    if not rows.update(lease_until=at + lease, fence=F("fence") + 1, tries=F("tries") + 1):
        return False
    row.fence += 1
    row.tries += 1
    return True


def finish(row: Claimable) -> bool:
    """Marks a claimed row done; False (and nothing written) when the claim was lost meanwhile."""
    mine = type(row).objects.filter(pk=row.pk, fence=row.fence, state=Claimable.State.DUE)
    return bool(mine.update(state=Claimable.State.DONE, lease_until=None, error=""))


def fail(row: Claimable, *, error: str, at: dt.datetime) -> None:
    """Records why a claimed row failed and when it is tried next: 1, 2, 4 … minutes, at most `TRIES` times."""
    dead = row.tries >= TRIES
    type(row).objects.filter(pk=row.pk, fence=row.fence).update(
        state=Claimable.State.DEAD if dead else Claimable.State.DUE,
        lease_until=None,
        error=error[:2000],
        next_attempt_at=at + dt.timedelta(minutes=2 ** (row.tries - 1)),
    )
