"""What is slow to make and the same for every test is made once, the way users make it, and written again as rows."""

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TypeVar

from django.apps import apps
from django.db import connection, models, transaction

from accounts.facts.lookup import forget_custom_facts
from accounts.foundation.clock import now
from accounts.workspace.queries import forget_base_currency
from tests import trail

Made = TypeVar("Made")
Tables = dict[type[models.Model], Any]
FRESH = dt.timedelta(hours=1)


class Kept(NamedTuple):
    at: dt.datetime
    returned: Any
    tables: Tables


_kept: dict[str, list[Kept]] = {}


def once(name: str, make: Callable[[], Made]) -> Made:
    """What `make` returns, and every row that it writes, with the ids and instants of the first time.

    It is called for the first in this process, where the clock of the test is another one or the day a new one, and
    where there are rows already that it might find.
    """
    if _filled(_tables()):
        return make()
    at = now()
    for kept in _kept.get(name, []):
        if kept.at <= at < kept.at + FRESH and kept.at.date() == at.date():
            _write(kept.tables)
            forget_custom_facts()
            forget_base_currency()
            return kept.returned
    returned = make()
    tables = {model: _rows(model) for model in _filled(_tables())}
    _kept.setdefault(name, []).append(Kept(now(), returned, tables))
    return returned


@transaction.atomic
def forget() -> None:
    """Deletes every row. Django's `flush` takes seconds on PostgreSQL: it truncates each table, full or empty."""
    trail.forget()
    with connection.cursor() as cursor:
        for model in _filled(_tables()):
            cursor.execute(f'DELETE FROM "{model._meta.db_table}"')


def _tables() -> list[type[models.Model]]:
    """Every model but those that Django fills when the database is made."""
    found = apps.get_models(include_auto_created=True)
    return [model for model in found if model._meta.label not in {"auth.Permission", "contenttypes.ContentType"}]


def _filled(tables: Iterable[type[models.Model]]) -> list[type[models.Model]]:
    """Those that have rows, asked in one statement."""
    asked = list(tables)
    names = ", ".join(f'EXISTS (SELECT 1 FROM "{model._meta.db_table}")' for model in asked)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {names}")
        return [model for model, filled in zip(asked, cursor.fetchone(), strict=True) if filled]


def _columns(model: type[models.Model]) -> str:
    return ", ".join(f'"{field.column}"' for field in model._meta.concrete_fields if not field.generated)


def _rows(model: type[models.Model]) -> Any:
    """All rows as the database tells them: the text of a COPY, or tuples."""
    table, columns = model._meta.db_table, _columns(model)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f'COPY "{table}" ({columns}) TO STDOUT') as copy:
                return b"".join(copy)
        cursor.execute(f'SELECT {columns} FROM "{table}"')
        return [tuple(map(_plain, row)) for row in cursor.fetchall()]


def _plain(value: Any) -> Any:
    """As SQLite takes it: a time of day is the one thing that it gives and does not take."""
    return value.isoformat() if isinstance(value, dt.time) else value


@transaction.atomic  # so that rows may name each other, in whatever order they come
def _write(tables: Tables) -> None:
    with connection.cursor() as cursor:
        for model, rows in tables.items():
            table, columns = model._meta.db_table, _columns(model)
            if connection.vendor == "postgresql":
                with cursor.copy(f'COPY "{table}" ({columns}) FROM STDIN') as copy:
                    copy.write(rows)
            else:
                marks = ", ".join(["%s"] * len(rows[0]))
                cursor.executemany(f'INSERT INTO "{table}" ({columns}) VALUES ({marks})', rows)
