"""Instruments: how long writers keep others waiting, how many statements are sent, how much memory is used."""

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.transaction import Atomic

_STATUS = Path("/proc/self/status")


@contextmanager
def writes() -> Iterator[list[float]]:
    """The seconds that each transaction inside lasts which may keep others from writing, commit included."""
    taken: list[float] = []
    begun: list[tuple[float, int]] = []
    enter, leave = Atomic.__enter__, Atomic.__exit__

    def entering(self: Atomic) -> None:
        if not connection.in_atomic_block:
            begun.append((time.perf_counter(), len(sent)))
        enter(self)

    def leaving(self: Atomic, *error: Any) -> None:
        leave(self, *error)
        if not connection.in_atomic_block:
            since, before = begun.pop()
            if _locks(sent[before:]):
                taken.append(time.perf_counter() - since)

    Atomic.__enter__, Atomic.__exit__ = entering, leaving
    try:
        with statements() as sent:
            yield taken
    finally:
        Atomic.__enter__, Atomic.__exit__ = enter, leave


def _locks(sent: Sequence[str]) -> bool:
    """Whether these statements of one transaction lock something. On SQLite every transaction does from its start."""
    return connection.vendor == "sqlite" or any(
        sql.startswith(("INSERT", "UPDATE", "DELETE")) or "advisory" in sql for sql in sent
    )


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements that are sent inside."""
    sent: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        sent.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield sent


@contextmanager
def one_core() -> Iterator[None]:
    """PostgreSQL uses no second process for a statement inside. SQLite never does."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SET max_parallel_workers_per_gather = 0")
        try:
            yield
        finally:
            cursor.execute("RESET max_parallel_workers_per_gather")


def peak_mib(code: str) -> float | None:
    """The most memory that a new process needs to run `code`, in MiB; None where the system does not tell.

    A new one, because this process has held a book and its verdicts by now and keeps what it once had.
    """
    if not _STATUS.exists():
        return None
    told = f"import django, pathlib; django.setup(); {code}; print(pathlib.Path({str(_STATUS)!r}).read_text())"
    done = subprocess.run([sys.executable, "-c", told], stdout=subprocess.PIPE, text=True, check=True)
    return int(next(line for line in done.stdout.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024
