"""A table with a column for every storage and one JSON column, in the database of the tests."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from retention.conditions.sql import Dialect
from retention.conditions.sql.typed import time_text

from . import samples

_TYPES = {
    "seats": "bigint", "score": "double precision", "usage_change": "double precision", "arr": "bigint",
    "stage": "varchar(200)", "trial": "boolean", "seen_at": "timestamp with time zone", "renewal_date": "date",
    "held_since": "timestamp with time zone", "custom": "jsonb",
}  # fmt: skip
# As Django declares them.
_SQLITE_TYPES = _TYPES | {
    "score": "real", "usage_change": "real", "trial": "bool", "seen_at": "datetime", "held_since": "datetime",
    "custom": "text CHECK (JSON_VALID(custom) OR custom IS NULL)",
}  # fmt: skip


@dataclass(frozen=True)
class Stored:
    """One row: its values as written, and its facts as memory sees what the database gives back."""

    id: int
    values: dict[str, Any]
    facts: dict[str, Any]
    since: list[Any]


def dialect() -> Dialect:
    return Dialect.POSTGRESQL if connection.vendor == "postgresql" else Dialect.SQLITE


def create(rows: list[dict[str, Any]]) -> list[Stored]:
    """The table `condition_rows` with these rows; columns that a row does not name are NULL."""
    types = _TYPES if dialect() is Dialect.POSTGRESQL else _SQLITE_TYPES
    filled = [dict.fromkeys(types) | row for row in rows]
    names = ", ".join(f'"{name}"' for name in types)
    slots = ", ".join("%s::jsonb" if sql_type == "jsonb" else "%s" for sql_type in types.values())
    with connection.cursor() as cursor:
        columns = ", ".join(f'"{name}" {sql_type}' for name, sql_type in types.items())
        cursor.execute(f"CREATE TABLE condition_rows (id integer PRIMARY KEY, {columns})")
        cursor.executemany(
            f"INSERT INTO condition_rows (id, {names}) VALUES (%s, {slots})",
            [[number, *map(_param, row.values())] for number, row in enumerate(filled)],
        )
        cursor.execute("SELECT CAST(custom AS text) FROM condition_rows ORDER BY id")
        customs = [json.loads(text) if text else None for (text,) in cursor.fetchall()]
    return [
        Stored(number, row, samples.facts_of(row, custom), samples.held_since(row, custom))
        for number, (row, custom) in enumerate(zip(filled, customs, strict=True))
    ]


def _param(value: Any) -> Any:
    return time_text(value) if dialect() is Dialect.SQLITE and isinstance(value, date) else value


def truth(given: Any) -> bool | None:
    """A boolean as the database gave it: SQLite has 1 and 0."""
    return None if given is None else bool(given)
