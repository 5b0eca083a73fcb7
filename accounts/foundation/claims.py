"""Claims: how one of several workers takes a row, and how a worker that lost it is refused.

A claim is one conditional UPDATE; every later write repeats the fence it was given. Leases run by the clock of the
database, so workers on hosts whose clocks differ agree on who holds what.
"""

import datetime as dt
import logging
import math
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection, models, transaction
from django.db.models import DurationField, F, Q, Value
from django.db.models.functions import Now

from accounts.foundation import audit, bell
from accounts.foundation.clock import now
from accounts.foundation.holding import held, time_limit
from accounts.foundation.records import Record
from accounts.foundation.registry import Registry

log = logging.getLogger(__name__)

TRIES = 8
LEASE = dt.timedelta(minutes=2)
LONGEST_WAIT = dt.timedelta(hours=6)
BATCH = 200


class Claimable(Record):
    """A row of work for machines: due, claimed under a lease, done or dead."""

    class State(models.TextChoices):
        DUE = "due", "Due"
        """Waiting for its `next_attempt_at`."""
        DONE = "done", "Done"
        DEAD = "dead", "Given up"
        """Failed too often, or in a way that does not heal; a person decides."""
        DISCARDED = "discarded", "Discarded"
        """A person decided that it will not be done."""

    state = models.CharField(max_length=9, choices=State.choices, default=State.DUE)
    next_attempt_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    fence = models.BigIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


class ClaimLost(RuntimeError):
    """Another worker took the row because our lease ran out; what we did about it was rolled back."""


class Permanent(RuntimeError):
    """Trying again cannot help: the row is given up at once, and a person decides."""


class NotGivenUp(RuntimeError):
    """Somebody wants to decide about a row that the machine has not given up, or that somebody decided about."""


@dataclass(frozen=True)
class Work:
    """One kind of claimed rows: how they are carried out, and what bounds that."""

    model: type[Claimable]
    label: str
    """What one row is called where people read of it, such as "reaction"."""
    carry_out: Callable[[Any, dt.datetime], None]
    """Does the work of a claimed row at an instant and ends in `concluding` (or `postpone`).

    It is called outside of any transaction. Any error is a failed try; `Permanent` gives up at once.
    """
    related: tuple[str, ...] = ()
    """What `carry_out` and `describe` read with the row."""
    describe: Callable[[Any], str] = str
    """One row as a short sentence."""
    lease: dt.timedelta = LEASE
    limit: dt.timedelta = dt.timedelta(minutes=3)
    """Work that takes longer has failed."""
    tries: int = TRIES
    gave_up: Callable[[Any, dt.datetime], None] = lambda row, at: None
    """Told, in the same transaction, that a row was given up."""
    discarded: Callable[[Any, dt.datetime], None] = lambda row, at: None
    """Told, in the same transaction, that a person decided that it will not be done."""
    may_repeat: Q | None = None
    """Rows that were given up because nobody knows whether they were carried out: never tried again with others."""


work: Registry[Work] = Registry("claimed work")
"""By the plural of what one row is called, such as "reactions"."""


def due(rows: models.QuerySet[Any], *, at: dt.datetime) -> models.QuerySet[Any]:
    """Those of `rows` that may be claimed now: due at `at`, and under nobody's lease."""
    free = Q(lease_until=None) | Q(lease_until__lte=Now())
    return rows.filter(free, state=Claimable.State.DUE, next_attempt_at__lte=at)


def claim(row: Claimable, *, at: dt.datetime, lease: dt.timedelta = LEASE) -> bool:
    """Takes `row` for `lease`; False when another worker was first. Sets the row's fence."""
    rows = due(type(row).objects.filter(pk=row.pk, fence=row.fence), at=at)
    if not rows.update(lease_until=_in(lease), fence=F("fence") + 1, tries=F("tries") + 1):
        return False
    row.fence += 1
    row.tries += 1
    return True


def mine(row: Claimable) -> models.QuerySet[Any]:
    """`row`, as long as it is still claimed by whoever holds its fence."""
    return type(row).objects.filter(pk=row.pk, fence=row.fence, state=Claimable.State.DUE)


@contextmanager
def fenced(row: Claimable, **values: Any) -> Iterator[None]:
    """One transaction that also writes `values` to the row; ClaimLost, and nothing written, when the row is not ours.

    The row is written last: on PostgreSQL a lease that ran out meanwhile is then seen, and nobody waits for us.
    """
    with transaction.atomic():
        yield
        if not mine(row).update(**values or {"fence": row.fence}):
            raise ClaimLost(f"The claim on {row} was lost.")


@contextmanager
def concluding(row: Claimable, **values: Any) -> Iterator[None]:
    """`fenced`, after which the row is done (or in the `state` given): the last step of carrying out."""
    ended = {"state": Claimable.State.DONE, "lease_until": None, "error": ""}
    with fenced(row, **ended | values):
        yield


def postpone(row: Claimable, *, until: dt.datetime, **values: Any) -> None:
    """Gives a claimed row back, to be carried out from `until` on; this was no failure."""
    with fenced(row, next_attempt_at=until, lease_until=None, tries=row.tries - 1, **values):
        pass


def fail(row: Claimable, *, error: str, at: dt.datetime, tries: int = TRIES) -> bool:
    """Records why a claimed row failed and when it is tried next: about 1, 2, 4 … minutes later, at most `tries` times.

    True when it was given up. Writes nothing when the claim was lost.
    """
    is_dead = row.tries >= tries
    mine(row).update(
        state=Claimable.State.DEAD if is_dead else Claimable.State.DUE,
        lease_until=None,
        error=error[:2000],
        failed_at=at,
        next_attempt_at=at + backoff(row.tries),
    )
    return is_dead


def backoff(tries: int) -> dt.timedelta:
    """How long to wait after so many tries: doubling from a minute, at most six hours, spread by a tenth.

    Without the spread, what failed together would come back together.
    """
    wait = min(dt.timedelta(minutes=2 ** (tries - 1)), LONGEST_WAIT)
    return wait * random.uniform(1, 1.1)  # noqa: S311 - nothing secret


def carry_out(
    name: str,
    *,
    at: dt.datetime | None = None,
    limit: int = BATCH,
    seconds: float = math.inf,
    among: Q | None = None,
) -> int:
    """Carries out due rows of one kind of `work`, oldest first; returns how many this worker claimed.

    With `among`, only rows that fit it. It begins no further row after `seconds`: other work waits for its turn too.
    """
    kind, at = work[name], at or now()
    rows = due(kind.model.objects.filter(among or Q()), at=at)
    rows = rows.select_related(*kind.related).order_by("next_attempt_at", "id")
    until = time.monotonic() + seconds
    return sum(_carry_out(kind, row, at=at) for row in list(rows[:limit]) if time.monotonic() < until)


def _carry_out(kind: Work, row: Claimable, *, at: dt.datetime) -> bool:
    if row.tries >= kind.tries:
        return _give_up(kind, row, at=at)
    if not claim(row, at=at, lease=kind.lease):
        return False
    try:
        with held(row, lease=kind.lease), time_limit(kind.limit):
            kind.carry_out(row, at)
    except ClaimLost as lost:
        log.warning("%s What was done about it was rolled back.", lost)
    except Exception as error:  # one poisoned row must not stop the others
        log.exception("The %s %s failed.", kind.label, row)
        _failed(kind, row, error, at=at)
    return True


def _failed(kind: Work, row: Claimable, error: Exception, *, at: dt.datetime) -> None:
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()  # it may have been interrupted in the midst of a statement
    tries = 0 if isinstance(error, Permanent) else kind.tries
    with transaction.atomic():
        if fail(row, error=f"{type(error).__name__}: {error}", at=at, tries=tries):
            kind.gave_up(row, at)


def _give_up(kind: Work, row: Claimable, *, at: dt.datetime) -> bool:
    """Ends a row whose last try never came back: it killed its worker, or the worker was killed."""
    text = row.error or f"Its worker ended in the midst of it, {row.tries} times."
    with transaction.atomic():
        rows = due(type(row).objects.filter(pk=row.pk, fence=row.fence), at=at)
        if not rows.update(
            state=Claimable.State.DEAD, lease_until=None, error=text, failed_at=at, fence=F("fence") + 1
        ):
            return False
        kind.gave_up(row, at)
    return True


def retry(row: Claimable, *, by: Any, at: dt.datetime) -> None:
    """Lets a row that was given up be tried again, from its first try on. NotGivenUp where it was not."""
    _decide(row, "retry", by=by, at=at, state=Claimable.State.DUE, tries=0, next_attempt_at=at)
    bell.ring()


@transaction.atomic
def discard(row: Claimable, *, by: Any, at: dt.datetime) -> None:
    """Says that a row that was given up will not be done. NotGivenUp where it was not."""
    _decide(row, "discard", by=by, at=at, state=Claimable.State.DISCARDED)
    for kind in work.values():
        if kind.model is type(row):
            kind.discarded(row, at)


@transaction.atomic
def _decide(row: Claimable, verb: str, *, by: Any, at: dt.datetime, **values: Any) -> None:
    row = type(row).objects.select_for_update().get(pk=row.pk)
    if row.state != Claimable.State.DEAD:
        raise NotGivenUp(f"{row} is {row.get_state_display().lower()}, so there is nothing to decide.")
    audit.update(row, verb=f"{row._meta.model_name}.{verb}", by=by, at=at, **values)


def _in(lease: dt.timedelta) -> Any:
    return Now() + Value(lease, DurationField())
