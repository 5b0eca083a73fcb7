"""The raw signals of the whole book in a column store, asked for the same facts: the limit for such counting."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path
from typing import Any

import duckdb

from accounts.ingestion.usage import MANY_USERS, WINDOW
from tests.benchmarks.subjects.facts.activity import FEATURES, PATTERNS, TODAY, Pattern

NOW, BEFORE = TODAY - WINDOW, TODAY - 2 * WINDOW
Row = tuple[Any, ...]


@contextmanager
def store(patterns: list[Pattern], size: int) -> Iterator[duckdb.DuckDBPyConnection]:
    """A column store in a scratch folder that holds one row for each use, and the users with their traits."""
    with tempfile.TemporaryDirectory() as folder, duckdb.connect(str(Path(folder, "signals.duckdb"))) as connection:
        firsts = [0, *accumulate(len(pattern.users) for pattern in patterns)]
        _fill(connection, "trait", "n SMALLINT, person SMALLINT, role VARCHAR, team VARCHAR", _traits(patterns))
        _fill(connection, "use", "n SMALLINT, person SMALLINT, day INTEGER, feature UTINYINT", _uses(patterns))
        _fill(connection, "start", "n SMALLINT, first INTEGER", list(enumerate(firsts[:-1])))
        # Pattern n belongs to the accounts n + 1, n + 1 + PATTERNS …; a user's number is that of its place in the book.
        account = f"""range({size}) a(a) JOIN start ON start.n = a % {PATTERNS}"""
        person = f"CAST(a // {PATTERNS} * {firsts[-1]} + first + person AS INTEGER)"
        connection.execute(f"""
            CREATE TABLE person AS SELECT {person} AS id, role, team
            FROM {account} JOIN trait ON trait.n = start.n ORDER BY a;
            CREATE TABLE signal AS SELECT CAST(a + 1 AS INTEGER) AS account, {person} AS person, day, feature
            FROM {account} JOIN use ON use.n = start.n ORDER BY a, day;
            DROP TABLE use; DROP TABLE trait; CHECKPOINT;
        """)
        yield connection


def facts(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """Account and its facts of use in their order, but for the users by day: those as two lists, days and counts."""
    return connection.execute(_TEXT).fetchall()


def _fill(connection: duckdb.DuckDBPyConnection, table: str, columns: str, rows: list[Row]) -> None:
    connection.execute(f"CREATE TABLE {table} ({columns})")
    lists = [list(column) for column in zip(*rows, strict=True)]
    picked = ", ".join(f"unnest(${place})" for place in range(1, len(lists) + 1))
    connection.execute(f"INSERT INTO {table} SELECT {picked}", lists)


def _traits(patterns: list[Pattern]) -> list[Row]:
    return [(n, place, *traits) for n, one in enumerate(patterns) for place, traits in enumerate(one.users)]


def _uses(patterns: list[Pattern]) -> list[Row]:
    return [(n, *use) for n, one in enumerate(patterns) for use in sorted(one.uses)]


def _tier(parity: int) -> str:
    return f"""
        CASE WHEN COALESCE(active, 0) >= {MANY_USERS}
        THEN COUNT(*) FILTER (WHERE feature % 2 = {parity} AND days >= 2 AND people >= 2)
        ELSE COUNT(*) FILTER (WHERE feature % 2 = {parity} AND days >= 2) END
    """


_TEXT = f"""
    WITH used AS (
        SELECT account, person, MAX(day) AS latest, BOOL_OR(day BETWEEN {BEFORE} AND {NOW - 1}) AS before
        FROM signal GROUP BY account, person
    ), people AS (
        SELECT account, COUNT(*) FILTER (WHERE latest >= {TODAY - 7}) AS week,
            COUNT(*) FILTER (WHERE latest >= {NOW}) AS active,
            COUNT(*) FILTER (WHERE latest >= {TODAY - 90}) AS quarter,
            COUNT(*) FILTER (WHERE before) AS before,
            COUNT(*) FILTER (WHERE before AND latest < {NOW}) AS lost,
            COUNT(DISTINCT CASE WHEN latest >= {NOW} THEN NULLIF(role, '') END) AS roles, MAX(role) AS role,
            COUNT(DISTINCT CASE WHEN latest >= {NOW} THEN NULLIF(team, '') END) AS teams, MAX(team) AS team
        FROM used JOIN person ON person.id = used.person GROUP BY account
    ), things AS (
        SELECT account, feature, COUNT(DISTINCT day) AS days, COUNT(DISTINCT person) AS people
        FROM signal WHERE day >= {NOW} GROUP BY account, feature
    ), tiers AS (
        SELECT things.account, {_tier(0)} AS core, {_tier(1)} AS advanced
        FROM things JOIN people USING (account) GROUP BY things.account, active
    ), days AS (
        SELECT account, LIST(day) AS days, LIST(people) AS counts FROM (
            SELECT account, day, COUNT(DISTINCT person) AS people FROM signal
            WHERE day BETWEEN {BEFORE} AND {TODAY} GROUP BY account, day
        ) GROUP BY account
    )
    SELECT account, week, active, quarter, before, lost, COALESCE(core, 0), COALESCE(advanced, 0),
        CASE WHEN role <> '' THEN roles END, CASE WHEN team <> '' THEN teams END, days, counts
    FROM people LEFT JOIN tiers USING (account) LEFT JOIN days USING (account)
"""  # noqa: S608
assert FEATURES % 2 == 0, "features with an even number are core ones"
