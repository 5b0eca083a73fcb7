"""The bell: calls a worker when there is something to do. The only place that knows the queue.

The queue carries a name and nothing else; what is due is in our own rows, and a sweep finds it when a ring is lost.
"""

import datetime as dt
import logging
from functools import partial

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q

from accounts.foundation.clock import now
from accounts.foundation.models import Bell

log = logging.getLogger(__name__)

UNANSWERED = dt.timedelta(seconds=10)
"""After this long a ring counts as lost and the bell may ring again."""


def ring(name: str = "pump") -> None:
    """Rings the bell once the current transaction has committed; does nothing while it is ringing."""
    transaction.on_commit(partial(_ring, name))


def _ring(name: str) -> None:
    if getattr(settings, "BELL_SILENT", False):
        return
    at = now()
    if not _is_quiet(name, at):  # asked first: on SQLite an UPDATE that changes nothing still takes the write lock
        return
    quiet = Bell.objects.filter(name=name).filter(Q(rung_at=None) | Q(rung_at__lt=at - UNANSWERED))
    if quiet.update(rung_at=at):
        _call(name)


def _is_quiet(name: str, at: dt.datetime) -> bool:
    """Whether the bell may be rung. Every stored request asks, so the statement is not composed anew each time."""
    text = f"SELECT 1 FROM {Bell._meta.db_table} WHERE name = %s AND (rung_at IS NULL OR rung_at < %s)"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(text, [name, connection.ops.adapt_datetimefield_value(at - UNANSWERED)])
        return cursor.fetchone() is not None


def _call(name: str) -> None:
    from django_q.tasks import async_task

    try:
        async_task(settings.BELL_TARGET, name)
    except Exception:  # a broker that is down must not fail the request that already committed
        log.exception("The bell %s could not be rung; the next sweep will find the work.", name)


def answered(name: str) -> None:
    """Says that somebody came: from now on a new ring calls again."""
    Bell.objects.filter(name=name).update(rung_at=None, answered_at=now())


def unheard(name: str, *, within: dt.timedelta = UNANSWERED) -> bool:
    """Whether bell `name` was rung longer ago than `within` and nobody came. Whoever asks first is told to come."""
    lost = Bell.objects.filter(name=name, rung_at__lt=now() - within)
    return lost.exists() and bool(lost.update(rung_at=None))


def silent_since(name: str) -> dt.datetime | None:
    """When bell `name` was answered last; None where it never was, or was never hung up."""
    return Bell.objects.filter(name=name).values_list("answered_at", flat=True).first()


def install(names: list[str]) -> None:
    """Makes sure that each bell has its row."""
    for name in names:
        Bell.objects.get_or_create(name=name)
