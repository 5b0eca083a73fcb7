"""How migrations are carried out so that an installation with large tables goes on working meanwhile."""

import random
import re
import time
from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import OperationalError
from django.db.migrations.operations import AddIndex
from django.db.migrations.operations.base import Operation
from django.db.transaction import atomic

LOCK_MS = 200
"""So long one attempt waits for a lock; whoever comes after it waits behind it as long."""
MAINTENANCE_MS = 5_000
"""So long it waits where nobody waits behind it."""
PATIENCE_S = 600.0
LONGEST_PAUSE_S = 2.0
NAMED = re.compile(r'(?:ALTER TABLE|REFERENCES|ON) (?:ONLY )?"(\w+)"')
"""The tables that a statement locks."""
MAKES = re.compile(r'CREATE TABLE "(\w+)"')
ADDS = re.compile(r"CREATE TABLE |CREATE (?:UNIQUE )?INDEX |ALTER TABLE \S+ ADD CONSTRAINT ")
"""Statements that leave the columns of a table as they are, so that those about others may come before them."""


class AddIndexLive(AddIndexConcurrently):
    """An index that is built while others read and write. Its migration is not atomic: `atomic = False`.

    On SQLite, where nobody else writes while a schema changes, it is built as any other.
    """

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        kind = AddIndexConcurrently if schema_editor.connection.vendor == "postgresql" else AddIndex
        kind.database_forwards(self, app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        kind = AddIndexConcurrently if schema_editor.connection.vendor == "postgresql" else AddIndex
        kind.database_backwards(self, app_label, schema_editor, from_state, to_state)


class DropIndexLive(Operation):
    """An index goes, and comes again on the way back, while others read and write.

    Its migration is not atomic: `atomic = False`. The state is told by another operation.
    """

    reduces_to_sql = True

    def __init__(self, name: str, table: str, *columns: str) -> None:
        self.name, self.table, self.columns = name, table, columns

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Nothing: what Django knows of the model is told beside it."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        schema_editor.execute(f'DROP INDEX {_live(schema_editor)}IF EXISTS "{self.name}"', None)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        self.database_forwards(app_label, schema_editor, from_state, to_state)  # what a broken attempt left
        columns = ", ".join(f'"{column}"' for column in self.columns)
        schema_editor.execute(f'CREATE INDEX {_live(schema_editor)}"{self.name}" ON "{self.table}" ({columns})', None)

    def describe(self) -> str:
        """What it does, for whoever watches it."""
        return f"Drop the index {self.name}"


def _live(schema_editor: Any) -> str:
    return "CONCURRENTLY " if schema_editor.connection.vendor == "postgresql" else ""


class TablesInUse(OperationalError):
    """Somebody kept a table locked for longer than an upgrade waits."""


class Briefly:
    """Makes the schema editor of PostgreSQL hold its locks briefly; mixed in before it.

    Between two statements of a migration Django computes for a long time, seconds on a busy machine, and what the
    first one locked stays locked. Here the statements of an atomic migration are put by, and sent together when it
    ends, or as soon as it asks the database something. A lock that is not free at once is asked for again later, with
    all others given back, so that nobody queues up behind it.
    """

    connection: Any
    collect_sql: bool
    atomic_migration: bool
    deferred_sql: list[Any]

    def __enter__(self) -> Any:
        self._waiting: list[str] = []
        self._wrapping = ExitStack()
        entered = super().__enter__()  # type: ignore[misc]
        if self.atomic_migration and not self.collect_sql:
            self._wrapping.enter_context(self.connection.execute_wrapper(self._after_what_waits))
        return entered

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> Any:
        with self._wrapping:
            leave: Callable[..., Any] = super().__exit__  # type: ignore[misc]
            if kind is not None:
                return leave(kind, error, trace)
            try:
                for statement in self.deferred_sql:
                    self.execute(statement, None)
                self.deferred_sql.clear()
                self._send()
            except BaseException as failed:
                leave(type(failed), failed, failed.__traceback__)
                raise
            return leave(None, None, None)

    def execute(self, sql: Any, params: Any = ()) -> None:
        """Puts a statement by; outside of a transaction it is carried out at once, as it must be."""
        if self.collect_sql or not self.atomic_migration:
            super().execute(sql, params)  # type: ignore[misc]
        else:
            text = str(sql)
            self._waiting.append(text if params is None else self.connection.ops.compose_sql(text, params))

    def _after_what_waits(self, execute: Callable[..., Any], *asked: Any) -> Any:
        if self._waiting:
            self._send()
        return execute(*asked)

    def _send(self) -> None:
        if not (statements := self._waiting):
            return
        self._waiting = []
        until, pause, before = time.monotonic() + PATIENCE_S, 0.1, ""
        while True:
            try:
                with atomic(self.connection.alias), self.connection.cursor() as cursor:
                    cursor.execute(before + _in_one(new_tables_first(statements)))
                return
            except OperationalError as error:
                if not _is_lock(error):
                    raise
                if time.monotonic() > until:
                    raise TablesInUse(_told(error)) from error
            before = before or self._quietly(statements)
            time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - not a secret
            pause = min(2 * pause, LONGEST_PAUSE_S)

    def _quietly(self, statements: list[str]) -> str:
        """What takes a lock first that only maintenance has to wait for.

        PostgreSQL ends a vacuum of its own in somebody's way after a second, which is longer than an attempt waits.
        """
        named = {table for statement in statements for table in NAMED.findall(statement)}
        asked = "SELECT relname FROM pg_class WHERE relkind = 'r' AND pg_table_is_visible(oid) AND relname = ANY(%s)"
        with self.connection.cursor() as cursor:
            cursor.execute(asked, [sorted(named)])
            tables = ", ".join(f'"{name}"' for (name,) in sorted(cursor.fetchall()))
        wait = f"SET LOCAL lock_timeout = {MAINTENANCE_MS}"
        return f"{wait}; LOCK TABLE {tables} IN SHARE UPDATE EXCLUSIVE MODE;\n" if tables else ""


def hold_briefly(connection: Any) -> None:
    """Lets migrations over `connection` hold their locks briefly; only PostgreSQL needs it."""
    editor = connection.SchemaEditorClass
    if connection.vendor == "postgresql" and not issubclass(editor, Briefly):
        connection.SchemaEditorClass = type("BriefSchemaEditor", (Briefly, editor), {})


def new_tables_first(statements: list[str]) -> list[str]:
    """The statements, those about tables that they make themselves first: most of the work, and nobody waits for it.

    What is about tables that were there follows with its locks. Nothing comes before a statement that it may need.
    """
    made: set[str] = set()
    ordered: list[str] = []
    rest: list[str] = []
    for statement in statements:
        named = set(NAMED.findall(statement))
        new = set(MAKES.findall(statement))
        if not named | new:  # anything may follow from it
            ordered, rest, made = [*ordered, *rest, statement], [], set()
            continue
        made |= new if not any(f'"{name}"' in one for name in new for one in rest) else set()
        if ADDS.match(statement) and named | new <= made:
            ordered.append(statement)
            continue
        rest.append(statement)
        made -= set() if ADDS.match(statement) and not new else named | new
    return ordered + rest


def _in_one(statements: list[str]) -> str:
    limited = [f"SET LOCAL lock_timeout = {LOCK_MS}", *statements, "SET LOCAL lock_timeout = DEFAULT"]
    return ";\n".join(limited)


def _is_lock(error: OperationalError) -> bool:
    return getattr(error.__cause__, "sqlstate", "") in ("55P03", "40P01")  # not available in time, or a deadlock


def _told(error: OperationalError) -> str:
    return (
        f"For {PATIENCE_S / 60:.0f} minutes another transaction kept a table locked that this migration changes "
        f"({str(error).splitlines()[0]}). Nothing of it was done: end what runs for long, such as a dump or a report, "
        "and migrate again."
    )
