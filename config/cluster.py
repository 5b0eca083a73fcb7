"""One worker's processes: the cluster that django-q2 makes, ended and made anew as a whole when it does not work.

A killed process of a cluster may take a lock of its queues along, and then nothing moves although everything lives.
So nothing is replaced in it: with the first process that dies all of them end, and `manage.py work` begins again. The
same happens when no beat (see `broker`) has gone all the way through an idle cluster for `QUIET` seconds, whatever the
reason.
"""

import contextlib
import datetime as dt
import logging
import multiprocessing
import os
import select
import signal
import time
import uuid
from functools import partial
from typing import Any

from django.db import connections
from django_q import signals
from django_q.cluster import Sentinel

from accounts.foundation.clock import now
from config import alarm, processes

log = logging.getLogger(__name__)

QUIET = 25.0
"""Seconds without a beat after which an idle cluster is taken for dead. It must be well above `broker.BEAT`."""

_fork = multiprocessing.get_context("fork")


class Flag:
    """Says once that it is time to end, to whoever shares it: without a lock, which a killed process could keep."""

    def __init__(self) -> None:
        self.reader, self.writer = os.pipe()

    def set(self) -> None:
        os.write(self.writer, b"!")

    def is_set(self) -> bool:
        return self.wait(0)

    def wait(self, seconds: float) -> bool:
        return bool(select.select([self.reader], [], [], seconds)[0])

    def close(self) -> None:
        os.close(self.reader)
        os.close(self.writer)


class Pulse:
    """What the processes of one cluster tell the one that watches them, in shared memory without a lock."""

    def __init__(self) -> None:
        self._busy_since = _fork.RawValue("d", 0.0)
        self._moved_at = _fork.RawValue("d", time.monotonic())
        self._worked_at = _fork.RawValue("d", 0.0)

    def begins(self, **found: Any) -> None:
        """In the worker, before each task."""
        self._busy_since.value = time.monotonic()

    def ends(self, task: dict[str, Any], **found: Any) -> None:
        """In the worker, after each task."""
        self._busy_since.value = 0.0
        if task["name"] not in ("beat", "alarm"):  # which only ask whether there is work
            self._worked_at.value = now().timestamp()

    def arrives(self, **found: Any) -> None:
        """At the end of the way that each task goes."""
        self._moved_at.value = time.monotonic()

    @property
    def worked_at(self) -> dt.datetime | None:
        """When it last finished a job; None where it has not yet."""
        found = self._worked_at.value
        return dt.datetime.fromtimestamp(found, dt.UTC) if found else None

    def is_still(self) -> bool:
        """Whether nothing has moved for too long, and nobody is busy either."""
        return not self._busy_since.value and time.monotonic() - self._moved_at.value > QUIET

    def restart(self) -> None:
        self._busy_since.value, self._moved_at.value = 0.0, time.monotonic()


class Keeper(Sentinel):
    """The process that keeps the others of a cluster; where it would replace a dead one it ends all of them."""

    def __init__(self, *given: Any) -> None:
        os.setpgid(0, 0)
        die_with_parent = partial(processes.signal_on_death_of_parent, signal.SIGKILL)
        die_with_parent()
        os.register_at_fork(after_in_child=die_with_parent)
        super().__init__(*given)

    def reincarnate(self, process: Any) -> None:
        log.error("Process %s of the worker ended by itself; the worker begins anew.", process.pid)
        os.killpg(0, signal.SIGKILL)


class Cluster:
    """The processes that do the work of one worker."""

    def __init__(self) -> None:
        self.pulse = Pulse()
        self.keeper: Any = None
        signals.pre_execute.connect(self.pulse.begins)
        signals.post_execute_in_worker.connect(self.pulse.ends)
        signals.post_execute.connect(self.pulse.arrives)

    def start(self) -> None:
        """Start them; whatever ran before must have ended."""
        global _ending
        if _ending:
            _ending.close()
        connections.close_all()  # they are forks of this process
        _ending = Flag()
        self.pulse.restart()
        alarm.set_to(None)
        started = _fork.Event()
        self.keeper = _fork.Process(target=Keeper, args=(_ending, started, uuid.uuid4(), None, None))
        self.keeper.start()

    def trouble(self) -> str | None:
        """Why it must begin anew; None while it works."""
        if not self.keeper.is_alive():
            return "one of its processes ended"
        return f"it has been still for {QUIET:.0f} s" if self.pulse.is_still() else None

    def end(self, *, within: float) -> None:
        """Let it finish what it is doing for a while, then end what is left of it."""
        if within and _ending and self.keeper.is_alive():
            _ending.set()
            self.keeper.join(within)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.keeper.pid, signal.SIGKILL)
        self.keeper.kill()  # it may have no group of its own yet
        self.keeper.join()


_ending: Flag | None = None


def is_ending() -> bool:
    """Asked by long jobs: whether this worker was told to end and waits for them."""
    return bool(_ending and _ending.is_set())
