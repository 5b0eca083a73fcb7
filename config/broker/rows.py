"""The queue in the database."""

import os
import select
import time
from collections.abc import Callable
from typing import Any

from django.db import connections
from django_q.brokers.orm import ORM
from django_q.conf import Conf

from config.broker import PAUSE, Beating, Tasks

GLANCE = 0.1
"""Seconds between two looks at a SQLite database from outside."""
CHANNEL = "holdfast_bell"


class Rows(Beating, ORM):
    """django-q2's table, with a call that PostgreSQL carries (LISTEN, NOTIFY), and on SQLite a look at the file."""

    listening: Any = None

    def enqueue(self, task: str) -> Any:
        added = super().enqueue(task)
        if self._link.vendor == "postgresql":
            with self._link.cursor() as cursor:
                cursor.execute(f"NOTIFY {CHANNEL}")
        return added

    def fetch(self) -> Tasks:
        wait = self._heard() if self._link.vendor == "postgresql" else self._written()
        return ORM.dequeue(self) or wait()

    @property
    def _link(self) -> Any:
        return connections[Conf.ORM]

    def _heard(self) -> Callable[[], None]:
        """A wait until the server sends something, which it does when a call was added."""
        link = self._link
        link.ensure_connection()
        if self.listening is not link.connection:
            with link.cursor() as cursor:
                cursor.execute(f"LISTEN {CHANNEL}")
            link.connection.add_notify_handler(lambda notice: None)  # or they would be kept
            self.listening = link.connection

        def wait() -> None:
            select.select([self.listening.fileno()], [], [], PAUSE)

        return wait

    def _written(self) -> Callable[[], None]:
        """A wait until somebody has written to the database from now on: that its log changed is cheap to see."""
        path = f"{self._link.settings_dict['NAME']}-wal"
        before = _stamp(path)

        def wait() -> None:
            until = time.monotonic() + PAUSE
            while _stamp(path) == before and time.monotonic() < until:
                time.sleep(GLANCE)

        return wait


def _stamp(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_size
