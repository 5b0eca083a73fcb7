"""`manage.py work`: the worker."""

import contextlib
import os
import signal
import socket
import time
import uuid
from collections import deque
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import Error, OperationalError, connection

from accounts.foundation import bell, workers
from accounts.foundation.clock import now
from config import migrated, processes, schedules
from config.cluster import Cluster

DRAIN = 4.0
"""Seconds for what is being done when the worker is asked to end."""
LOOK = 0.25
SEEN_EVERY = 10.0
LONGEST_PAUSE = 4.0


class Command(BaseCommand):
    help = "Does what is due in the background until it is asked to end."
    requires_system_checks = []
    stopping = False

    def handle(self, *args: Any, **options: Any) -> None:
        processes.end_with_supervisor()
        self.await_database()
        migrated.refuse_otherwise()
        schedules.sync()
        processes.limit_memory(settings.WORKER_MEMORY_MB)
        bell.install(["pump"])
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.ask_to_stop)
        self.id, self.started_at = uuid.uuid4(), now()
        self.cluster = Cluster()
        self.keep_working()

    def await_database(self) -> None:
        """A worker that died whenever the database is away would be given up before it is back."""
        said = False
        while True:
            try:
                return connection.ensure_connection()
            except OperationalError:
                if not said:
                    self.say("The database does not answer; waiting for it.")
                    said = True
                time.sleep(1)

    def keep_working(self) -> None:
        """Run the cluster until asked to stop; begin anew with all of its processes when it does not work."""
        restarts: deque[float] = deque(maxlen=4)
        while not self.stopping:
            self.cluster.start()
            trouble = self.watch()
            self.cluster.end(within=0 if trouble else DRAIN)
            if trouble:
                restarts.append(time.monotonic())
                recent = sum(time.monotonic() - one < 60 for one in restarts)
                self.say(f"The worker begins anew: {trouble}.")
                self.pause(min(LONGEST_PAUSE, 0.25 * 2**recent))
        self.leave()

    def watch(self) -> str | None:
        """Until it is time to end: say now and then that it lives. The trouble, where it does not."""
        seen_at = 0.0
        while not self.stopping:
            if trouble := self.cluster.trouble():
                return trouble
            if time.monotonic() - seen_at > SEEN_EVERY:
                seen_at = time.monotonic()
                self.tell()
            time.sleep(LOOK)
        return None

    def tell(self) -> None:
        try:
            workers.seen(
                self.id,
                host=socket.gethostname(),
                pid=os.getpid(),
                started_at=self.started_at,
                worked_at=self.cluster.pulse.worked_at,
                at=now(),
            )
        except Error:
            connection.close()  # the database is away; it is told when it is back

    def leave(self) -> None:
        with contextlib.suppress(Error):  # then the row goes by itself, a day later
            workers.left(self.id)

    def pause(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self.stopping and time.monotonic() < until:
            time.sleep(LOOK)

    def ask_to_stop(self, *_: object) -> None:
        self.stopping = True

    def say(self, text: str) -> None:
        self.stderr.write(text)
