"""Scratch databases: made for one run of one subject, gone afterwards."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

HERE = "postgres://postgres@127.0.0.1:5432"


@contextmanager
def sqlite(folder: Path) -> Iterator[str]:
    """The URL of a new SQLite database below `folder`."""
    with tempfile.TemporaryDirectory(prefix="bench-", dir=folder) as scratch:
        yield f"sqlite:///{scratch}/bench.sqlite3"


@contextmanager
def postgresql() -> Iterator[str]:
    """The URL of a new database on the server to measure on; its name is that of the server's URL after `bench_`."""
    parts = urlsplit(server())
    name = f"bench_{parts.path.strip('/')}"
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    with psycopg.connect(_maintenance(), autocommit=True, connect_timeout=5) as link:
        link.execute(drop)
        link.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield urlunsplit(parts._replace(path=f"/{name}"))
    finally:
        with psycopg.connect(_maintenance(), autocommit=True, connect_timeout=5) as link:
            link.execute(drop)


def server() -> str:
    """The PostgreSQL to measure on: BENCH_DATABASE_URL, else the one on this machine."""
    return os.environ.get("BENCH_DATABASE_URL") or f"{HERE}/holdfast_{os.getpid()}"


def refusal() -> str:
    """Why PostgreSQL cannot be used; empty where it can."""
    try:
        with psycopg.connect(_maintenance(), connect_timeout=5):
            return ""
    except psycopg.OperationalError as error:
        return str(error).strip().splitlines()[0]


def _maintenance() -> str:
    """Where databases are made and dropped from."""
    return urlunsplit(urlsplit(server())._replace(scheme="postgresql", path="/postgres"))
