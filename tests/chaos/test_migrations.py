"""An upgrade of a large installation: while its tables are read and written, nobody waits for a second.

Every migration after the last released ones is applied, taken back and applied again; of an app that has none, its last
one. MIGRATIONS names others, such as `accounts.0021_segment_facts retention.0007_health`, with those after them.
"""

import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db.migrations.loader import MigrationLoader
from psycopg import sql

from config.env import BASE_DIR
from tests import databases
from tests.chaos.installation import IS_LONG
from tests.released import RELEASED

TABLES = {
    "accounts_account": {},
    "accounts_accountfacts": {},
    "retention_accountstage": {},
    "retention_stagechange": {},
    "retention_workitem": {"state": "'open'", "outcome": "''"},
    "plays_decision": {},
}
"""The tables that grow with an installation, with what a column holds where the usual value will not do."""
ROWS = 1_000_000 if IS_LONG else 50_000
LONGEST_S = 1.0
PEOPLE = 3
"""Readers, and as many writers."""
USUAL = {
    "boolean": "false",
    "jsonb": "'{}'",
    "date": "current_date",
    "timestamp with time zone": "now()",
    "time without time zone": "'09:00'",
    "uuid": "gen_random_uuid()",
    "inet": "'127.0.0.1'",
}

SLOW = """SELECT DISTINCT split_part(waiting.query, 'WHERE', 1), waiting.wait_event_type, left(holding.query, 300)
    FROM pg_stat_activity waiting LEFT JOIN pg_stat_activity holding ON holding.pid = ANY(pg_blocking_pids(waiting.pid))
    WHERE waiting.datname = current_database() AND waiting.state = 'active' AND waiting.pid <> pg_backend_pid()
        AND waiting.backend_type = 'client backend' AND waiting.application_name = 'people'
        AND clock_timestamp() - waiting.query_start > '0.4 s'"""
MIGRATE = """
import functools
import django
from django.core.management import call_command
django.setup()
migrate = functools.partial(call_command, "migrate")
"""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A database as the latest release left it, with a large book."""
    with databases.new(os.environ["TEST_DATABASE_URL"]) as url:
        migrate(url, before())
        with psycopg.connect(url, autocommit=True) as link:
            link.execute("SET session_replication_role = replica")  # rows stand for themselves, without their parents
            for table, special in TABLES.items():
                fill(link, table, special)
        yield url


def before() -> dict[str, str]:
    """App → the migration after which the ones in question begin."""
    ours = sorted(MigrationLoader(None, replace_migrations=False).disk_migrations)
    named = dict(one.split(".") for one in os.environ.get("MIGRATIONS", "").split())
    if not named:
        newest = dict(ours)
        named = {app: newest[app] for app, name in RELEASED.items() if name == newest[app]}
        return RELEASED | {app: preceding(ours, app, name) for app, name in named.items()}
    return {app: preceding(ours, app, name) for app, name in named.items()}


def preceding(ours: list[tuple[str, str]], app: str, name: str) -> str:
    return ours[ours.index((app, name)) - 1][1]


def migrate(url: str, places: dict[str, str] | None = None) -> None:
    """Up to these migrations, or to the newest, as whoever upgrades does it.

    The app that all others depend on comes last: it takes back what of theirs needs more of it.
    """
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings.base",
        "SECRET_KEY": "only-for-chaos",
        "DATABASE_URL": url,
    }
    steps = "".join(f"migrate(*{place!r}, verbosity=0)\n" for place in reversed((places or {}).items()))
    command = [sys.executable, "-c", MIGRATE + (steps or "migrate(verbosity=0)\n")]
    subprocess.run(command, cwd=BASE_DIR, env=environment, check=True)


def fill(link: psycopg.Connection, table: str, special: dict[str, str]) -> None:
    """Rows with a value of its type in each column that must have one."""
    asked = """SELECT column_name, data_type, character_maximum_length FROM information_schema.columns
        WHERE table_name = %s AND is_nullable = 'NO' ORDER BY ordinal_position"""
    columns = {name: special.get(name) or usual(name, kind, most) for name, kind, most in link.execute(asked, [table])}
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    values = sql.SQL(", ").join(map(sql.SQL, columns.values()))
    into = sql.SQL("INSERT INTO {} ({}) SELECT {} FROM generate_series(1, {}) n")
    link.execute(into.format(sql.Identifier(table), names, values, sql.Literal(ROWS)))
    link.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(table)))


def usual(name: str, kind: str, most: int | None) -> str:
    """What a column holds: its row's number, where it can."""
    if kind in ("character varying", "text"):
        return "n::text" if (most or 99) >= len(str(ROWS)) else "''"
    if kind in ("smallint", "numeric", "double precision"):
        return "0"
    return USUAL.get(kind, "n")


class People:
    """Readers and writers of single rows, and how long each statement took."""

    def __init__(self, url: str) -> None:
        self.url, self.has_ended = url, threading.Event()
        self.taken: list[tuple[float, str]] = []
        self.held_up: dict[str, None] = {}
        """What slow statements were seen to wait for."""
        with psycopg.connect(url) as link:
            self.keys = {table: key_of(link, table) for table in TABLES}

    def watch(self) -> None:
        with psycopg.connect(self.url, autocommit=True) as link:
            while not self.has_ended.wait(0.1):
                self.held_up |= {" | ".join(map(str, row)): None for row in link.execute(SLOW)}

    def work(self, writes: bool) -> None:
        with psycopg.connect(self.url, autocommit=True, application_name="people") as link:
            while not self.has_ended.is_set():
                table, key = random.choice(list(self.keys.items()))
                text = "UPDATE {0} SET {1} = {1} WHERE {1} = {2}" if writes else "SELECT {1} FROM {0} WHERE {1} = {2}"
                ask = sql.SQL(text).format(*map(sql.Identifier, (table, key)), sql.Literal(random.randint(1, ROWS)))
                start = time.monotonic()
                done = link.execute(ask).rowcount
                self.taken.append((time.monotonic() - start, f"{'writing' if writes else 'reading'} {table}"))
                assert done == 1
                time.sleep(0.002)


def key_of(link: psycopg.Connection, table: str) -> str:
    asked = "SELECT attname FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0] "
    [(name,)] = link.execute(asked + "WHERE indisprimary AND indrelid = %s::regclass", [table]).fetchall()
    return str(name)


@contextmanager
def people_at_work(url: str) -> Iterator[People]:
    found = People(url)
    threads = [threading.Thread(target=found.work, args=[turn % 2 == 0]) for turn in range(2 * PEOPLE)]
    threads.append(threading.Thread(target=found.watch))
    for thread in threads:
        thread.start()
    try:
        yield found
    finally:
        found.has_ended.set()
        for thread in threads:
            thread.join()


def test_nobody_waits_for_an_upgrade_nor_for_its_way_back(url: str) -> None:
    steps = {"forward": None, "back": before(), "forward again": None}
    for step, places in steps.items():
        with people_at_work(url) as people:
            migrate(url, places)
        longest, what = max(people.taken)
        told = f"{step}, {ROWS:,} rows a table, {len(people.taken):,} statements: the longest {longest:.3f} s, {what}"
        sys.stdout.write("\n".join(["", told, *people.held_up, ""]))
        assert len(people.taken) > 1_000, "nobody worked meanwhile"
        assert longest < LONGEST_S, f"{step}: {what} took {longest:.2f} s"
