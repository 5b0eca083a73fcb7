"""New databases with every table and no rows, each gone after its use.

They are copies of one that was migrated: a copy takes a fraction of a second, migrating a quarter of a minute. The
migrated one is kept between runs, for SQLite in `var/tests/`, on PostgreSQL as `test_…_tables` beside its copies, and
made anew once the migrations, the locked requirements or the settings are no longer what it was made from.
"""

import fcntl
import functools
import hashlib
import itertools
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from config.env import BASE_DIR, var_dir

_numbers = itertools.count(1)
Link = psycopg.Connection[tuple[str, ...]]


def new(server: str = "", *, tables: bool = True, like: str = "") -> AbstractContextManager[str]:
    """The URL of a new database: on the PostgreSQL that the URL `server` names, without one of SQLite.

    On PostgreSQL it is named after the database in that URL, which is not touched and need not exist.
    Without `tables` it is as empty as a first start finds it; with `like`, the URL of another new one that nobody is
    connected to, it has the rows of that.
    """
    return _on_postgresql(server, tables, like) if server.startswith("postgres") else _on_sqlite(tables, like)


@contextmanager
def _on_sqlite(tables: bool, like: str) -> Iterator[str]:
    copy = _folder() / f"{os.getpid()}_{next(_numbers)}.sqlite3"
    with _alone():
        for left in _folder().glob("*_*.sqlite3*"):
            if _has_ended(left.name.partition("_")[0]):
                left.unlink()
        if tables:
            made = like.removeprefix("sqlite:///") or _migrated_file()
            with closing(sqlite3.connect(made)) as source, closing(sqlite3.connect(copy)) as target:
                source.backup(target)
    try:
        yield f"sqlite:///{copy}"
    finally:
        for path in _folder().glob(f"{copy.name}*"):
            path.unlink(missing_ok=True)


def _migrated_file() -> Path:
    kept = _folder() / f"tables-{_fingerprint()}.sqlite3"
    if not kept.exists():
        for outdated in _folder().glob("tables-*"):
            outdated.unlink()
        unfinished = _folder() / "tables-unfinished.sqlite3"
        _migrate(f"sqlite:///{unfinished}")
        unfinished.rename(kept)
    return kept


@contextmanager
def _on_postgresql(server: str, tables: bool, like: str) -> Iterator[str]:
    parts = urlsplit(server)
    name = f"test_{parts.path.strip('/')}"
    copy = f"{name}_{os.getpid()}_{next(_numbers)}"
    with _alone(), _connected(server) as link:
        _drop_what_was_left(link, name)
        if tables:
            made = urlsplit(like).path.strip("/") or _migrated_database(link, f"{name}_tables", server)
            _create(link, copy, template=made)
        else:
            _create(link, copy, template="template1")
    try:
        yield urlunsplit(parts._replace(path=f"/{copy}"))
    finally:
        with _connected(server) as link:
            _drop(link, copy)


def _migrated_database(link: Link, name: str, server: str) -> str:
    """What it was made from is its comment, written when it is complete."""
    comment = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"
    if link.execute(comment, [name]).fetchone() != (_fingerprint(),):
        _drop(link, name)
        _create(link, name, template="template1")
        _migrate(urlunsplit(urlsplit(server)._replace(path=f"/{name}")))
        link.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), _fingerprint()))
    return name


def refusal(server: str) -> str:
    """Why no database can be made on the PostgreSQL that the URL `server` names; empty where one can."""
    try:
        with _connected(server):
            return ""
    except psycopg.OperationalError as error:
        return str(error).strip().splitlines()[0]


def _drop_what_was_left(link: Link, name: str) -> None:
    for (found,) in link.execute("SELECT datname FROM pg_database").fetchall():
        left = re.fullmatch(rf"{re.escape(name)}_(\d+)_\d+", found)
        if left and _has_ended(left[1]):
            _drop(link, found)


def _create(link: Link, name: str, *, template: str) -> None:
    link.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))


def _drop(link: Link, name: str) -> None:
    link.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _migrate(url: str) -> None:
    """In a process of its own, as Django knows one default database."""
    settings = {"DJANGO_SETTINGS_MODULE": "config.settings.base", "SECRET_KEY": "only-for-tests", "DATABASE_URL": url}
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(command, cwd=BASE_DIR, env=os.environ | settings, check=True)


@functools.cache
def _fingerprint() -> str:
    """Of all that decides what migrating makes."""
    sources = [*sorted(BASE_DIR.glob("*/migrations/*.py")), *sorted(BASE_DIR.glob("config/settings/*.py"))]
    digest = hashlib.sha256()
    for path in [*sources, BASE_DIR / "requirements" / "dev.txt"]:
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


@contextmanager
def _alone() -> Iterator[None]:
    """While no other process of this checkout makes a database."""
    with (_folder() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _folder() -> Path:
    folder = var_dir() / "tests"
    folder.mkdir(exist_ok=True)
    return folder


def _connected(server: str) -> Link:
    """To the database that others are made and dropped from; each statement is a transaction."""
    maintenance = urlunsplit(urlsplit(server)._replace(path="/postgres"))
    return psycopg.connect(maintenance, autocommit=True, connect_timeout=5)


def _has_ended(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False  # it is somebody else's
    return False
