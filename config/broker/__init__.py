"""The queue behind the bell, in the database (`rows`) or in Redis (`in_redis`): as django-q2 has it, but for this.

- It waits to be woken, instead of asking five times a second.
- It calls when the worker's *alarm* goes off: then something comes due for which nobody will ring.
- It hands every worker a *beat* every few seconds, past the queue: what proves that the worker works, and finds what
  nobody was called for.
- What is down fails nobody: a process that waits for work goes on waiting until the queue answers again.
- A queue that nobody empties stops growing. It holds names; the work is in our rows.
"""

import logging
import time
import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import Error
from django.utils import timezone
from django_q.signing import SignedPackage

from config import alarm

log = logging.getLogger(__name__)

Tasks = list[tuple[Any, Any]] | None

BEAT = 10.0
"""Seconds between two beats."""
PAUSE = 1.0
"""Longest wait in seconds for a call; then the queue is asked anyway."""
BACKLOG = 20
"""Calls that wait at most; beyond them a call adds nothing."""


class Beating:
    """What both queues have in common. The process that fetches tasks owns one of them and asks it all the time."""

    down: tuple[type[Exception], ...] = (Error, OSError)
    """What is raised where the queue does not answer."""
    next_beat = 0.0

    def dequeue(self) -> Tasks:
        """What there is to do: a beat when it is time for one, else a call, waiting a while for it."""
        if time.monotonic() >= self.next_beat:
            self.next_beat = time.monotonic() + BEAT
            return [(None, _task("beat", settings.BEAT_TARGET))]
        if alarm.goes_off():
            return [(None, _task("alarm", settings.ALARM_TARGET))]
        return self._unless_down(self.fetch)

    def enqueue(self, task: str) -> Any:
        return super().enqueue(task) if self.queue_size() < BACKLOG else None  # type: ignore[misc, attr-defined]

    def acknowledge(self, task_id: Any) -> None:
        self._unless_down(lambda: super(Beating, self).acknowledge(task_id))  # type: ignore[misc]

    def fetch(self) -> Tasks:
        """The next call; None after at most `PAUSE` seconds without one."""
        raise NotImplementedError

    def set_stat(self, key: str, value: str, timeout: int) -> None:
        """Nothing: which workers live is in our rows."""

    def ping(self) -> bool:
        """Whether to begin at all: a queue that is down now may answer later."""
        return True

    def _unless_down(self, ask: Callable[[], Any]) -> Any:
        try:
            return ask()
        except self.down as error:
            log.warning("The queue does not answer (%s); asking again.", type(error).__name__)
            time.sleep(PAUSE)
            return None


def _task(name: str, target: str) -> str:
    """A task for this worker alone, packed as the queue would."""
    task = {"id": uuid.uuid4().hex, "name": name, "func": target, "args": (), "kwargs": {}}
    return SignedPackage.dumps(task | {"started": timezone.now(), "ack_failure": True})
