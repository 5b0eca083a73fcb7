"""Django's SQLite, whose writers wait in a way that lets everybody have a turn.

SQLite has no queue: whoever waits asks again after a while, up to a tenth of a second later, and a writer that commits
and begins again at once is always quicker. Under load somebody then never gets in, and fails after the time-out with
"database is locked". Here whoever waits says so by a shared lock on a file beside the database and asks every
millisecond; whoever has just written sees that lock, and stands back for a moment.
"""

import contextlib
import fcntl
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from django.db.backends.sqlite3 import base

ASK_AGAIN = 0.001
STAND_BACK = 0.004
"""Seconds that a writer leaves to those who wait: enough for several of them to ask."""
WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE", "WITH")
BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_BUSY_RECOVERY)
"""What heals by itself. A reader that wants to write upon what is no longer the newest has to begin anew instead."""
Result = TypeVar("Result")


class Turns:
    """Who waits to write into one database, known to all processes on this machine."""

    def __init__(self, path: Path, patience: float) -> None:
        self._path, self._patience = path, patience

    @contextlib.contextmanager
    def _opened(self) -> Iterator[int]:
        file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            yield file
        finally:
            os.close(file)  # which also gives back whatever lock it has

    def wait_for(self, ask: Callable[[], Result]) -> Result:
        """What `ask` returns once the database is free; the error of SQLite when it has not become so in time."""
        try:
            return ask()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode not in BUSY:
                raise
        until = time.monotonic() + self._patience
        with self._opened() as file:
            fcntl.flock(file, fcntl.LOCK_SH)
            while True:
                try:
                    return ask()
                except sqlite3.OperationalError as error:
                    if error.sqlite_errorcode not in BUSY or time.monotonic() > until:
                        raise
                time.sleep(ASK_AGAIN)

    def give_way(self) -> None:
        """Stands back for a moment where somebody waits. Called after each write."""
        with self._opened() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(STAND_BACK)


class Cursor(base.SQLiteCursorWrapper):
    """A cursor whose statements wait for their turn."""

    turns: Turns

    def execute(self, query: Any, params: Any = None) -> Any:
        result = self.turns.wait_for(lambda: super(Cursor, self).execute(query, params))
        self._after(query)
        return result

    def executemany(self, query: Any, param_list: Any) -> Any:
        """All of it in one turn: begun again for a row in the midst, it would write the rows before that one twice."""
        if self.connection.in_transaction:
            return super().executemany(query, param_list)
        self.turns.wait_for(lambda: self.connection.execute("BEGIN IMMEDIATE"))
        with self.connection:  # which commits, or rolls back
            result = super().executemany(query, param_list)
        self.turns.give_way()
        return result

    def _after(self, query: str) -> None:
        if not self.connection.in_transaction and query.lstrip()[:7].upper().startswith(WRITES):
            self.turns.give_way()


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection to SQLite that waits for its turn, and gives way after its own."""

    _turns: Turns | None = None

    def get_new_connection(self, conn_params: Any) -> Any:
        connection = super().get_new_connection(conn_params)
        if not self.is_in_memory_db():
            self._turns = Turns(Path(f"{conn_params['database']}-turns"), float(conn_params.get("timeout", 5)))
            connection.execute("PRAGMA busy_timeout = 0")  # from here on, waiting is ours
        return connection

    def create_cursor(self, name: Any = None) -> Any:
        if self._turns is None:
            return super().create_cursor(name)
        cursor = self.connection.cursor(factory=Cursor)
        cursor.turns = self._turns
        return cursor

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc]
        if self._turns and self.connection is not None:
            self._turns.give_way()
