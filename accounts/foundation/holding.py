"""Holding a claimed row while its work goes on: its lease is renewed, and work that never ends is stopped."""

import datetime as dt
import logging
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import DurationField, Value
from django.db.models.functions import Now

log = logging.getLogger(__name__)

BEAT = 1.0
"""Seconds between two looks at what this process holds."""


class TookTooLong(RuntimeError):
    """The work on a row did not end within its limit."""


@dataclass
class _Hold:
    row: Any
    fence: int
    lease: dt.timedelta
    renew_at: float


class _Heart:
    """Renews the leases of what this process holds, in a thread of its own, which sleeps while nothing is held."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.holds: dict[int, _Hold] = {}
        self.busy = threading.Event()
        self.thread = threading.Thread(target=self._beat, name="holdfast-leases", daemon=True)
        self.thread.start()

    def _beat(self) -> None:
        while self.busy.wait():
            time.sleep(BEAT)
            if not self.holds:
                self.busy.clear()
            due = [hold for hold in list(self.holds.values()) if hold.renew_at <= time.monotonic()]
            if due:
                self._renew(due)

    def _renew(self, due: list[_Hold]) -> None:
        try:
            for hold in due:
                rows = type(hold.row).objects.filter(pk=hold.row.pk, fence=hold.fence, lease_until__isnull=False)
                rows.update(lease_until=Now() + Value(hold.lease, DurationField()))
                hold.renew_at = time.monotonic() + _pause(hold.lease)
        except Exception:  # the next beat tries again; should the lease run out, the fence decides
            log.exception("A lease could not be renewed.")
        finally:
            connection.close()


_heart: _Heart | None = None
_starting = threading.Lock()


def _beating() -> _Heart:
    """The heart of this process: a thread does not survive a fork."""
    global _heart
    with _starting:
        if _heart is None or _heart.pid != os.getpid():
            _heart = _Heart()
        return _heart


def _pause(lease: dt.timedelta) -> float:
    return lease.total_seconds() / 3


@contextmanager
def held(row: Any, *, lease: dt.timedelta) -> Iterator[None]:
    """Renews the lease of a claimed row every third of it until the block ends, however long that takes."""
    heart = _beating()
    heart.holds[id(row)] = _Hold(row, row.fence, lease, time.monotonic() + _pause(lease))
    heart.busy.set()
    try:
        yield
    finally:
        heart.holds.pop(id(row), None)


@contextmanager
def time_limit(limit: dt.timedelta) -> Iterator[None]:
    """Raises TookTooLong in the block after `limit`. Only a main thread can be interrupted; elsewhere it does not."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    def stop(*_: object) -> None:
        raise TookTooLong(f"It took longer than {limit.total_seconds():.0f} seconds.")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, limit.total_seconds())
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
