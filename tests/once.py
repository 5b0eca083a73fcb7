"""What is slow to make and the same for every test is made once, the way users make it, and written again as rows.

Where several processes run the tests, one of them makes it for all.
"""

import datetime as dt
import fcntl
import os
import pickle
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from django.apps import apps
from django.db import connection, models, transaction

from accounts.facts.lookup import forget_custom_facts
from accounts.foundation.clock import now
from accounts.workspace.queries import forget_base_currency
from config.env import var_dir
from tests import trail

Made = TypeVar("Made")
Tables = dict[type[models.Model], Any]
FRESH = dt.timedelta(hours=1)
OLD_S = 7_200.0


class Kept(NamedTuple):
    at: dt.datetime
    returned: Any
    tables: Tables
    last_ids: dict[str, int]
    """Table → the last number that it gave to a row."""

    @property
    def is_fresh(self) -> bool:
        """Whether it could have been made now: by the clock of the test, on the same day."""
        return self.at <= now() < self.at + FRESH and self.at.date() == now().date()


_kept: dict[str, dict[str, Kept]] = {}


def once(name: str, make: Callable[[], Made]) -> Made:
    """What `make` returns, and every row that it writes, with the ids and instants of the first time.

    It is called for the first time in this run, where the clock of the test is another one or the day a new one, and
    where there are rows already that it might find.
    """
    if _filled(_tables()):
        return make()
    if not (kept := _found(name)):
        with _alone(name):
            kept = _found(name)
            if not kept:
                return _made(name, make)
    _write(kept.tables)
    forget_custom_facts()
    forget_base_currency()
    return kept.returned


def _made(name: str, make: Callable[[], Made]) -> Made:
    returned = make()
    filled = _filled(_tables())
    kept = Kept(now(), returned, {model: _rows(model) for model in filled}, _last_ids(filled))
    known = _kept.setdefault(name, {})
    path = _folder() / f"{name} {os.getpid()} {len(known)}.pickle"
    known[path.name] = kept
    unfinished = path.with_suffix(".part")
    unfinished.write_bytes(pickle.dumps(kept))
    unfinished.rename(path)
    return returned


def _found(name: str) -> Kept | None:
    """A fresh one, of this process or of another one of the same run."""
    known = _kept.setdefault(name, {})
    for path in sorted(_folder().glob(f"{name} *.pickle")):
        if path.name not in known:
            known[path.name] = pickle.loads(path.read_bytes())
            _count_on(known[path.name].last_ids)
    return next((kept for kept in known.values() if kept.is_fresh), None)


def _folder() -> Path:
    folder = var_dir() / "tests" / f"kept-{os.environ.get('PYTEST_XDIST_TESTRUNUID', os.getpid())}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def throw_old_ones_away() -> None:
    """Deletes what earlier runs of this checkout have kept."""
    for folder in (var_dir() / "tests").glob("kept-*"):
        if time.time() - folder.stat().st_mtime > OLD_S:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _alone(name: str) -> Iterator[None]:
    with (_folder() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _last_ids(filled: Iterable[type[models.Model]]) -> dict[str, int]:
    counted = [model for model in filled if isinstance(model._meta.pk, models.AutoField)]
    return {model._meta.db_table: model._base_manager.aggregate(last=models.Max("pk"))["last"] for model in counted}


def _count_on(last_ids: dict[str, int]) -> None:
    """Rows that PostgreSQL is given with their numbers do not move its counters; SQLite goes by the rows."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for table, last in last_ids.items():
                cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [f'"{table}"', last])


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
