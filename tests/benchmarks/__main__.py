"""Every subject on each database, a table and var/bench.json. Fails on errors and on drift, never on a ratio."""

import argparse
import json
import os
import pkgutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from config.env import BASE_DIR, flag, var_dir
from tests import databases
from tests.benchmarks import report, subjects
from tests.benchmarks.harness import say
from tests.benchmarks.report import Row

SIZES = {"small": 5_000, "100k": 100_000, "1m": 1_000_000}
TENTH = {"1m": 100_000}
"""Sizes at which growth is checked, and what they are held against."""
GROWTH = (8.0, 12.0)

HERE = "postgres://postgres@127.0.0.1:5432/bench"
SETTINGS = {"DJANGO_SETTINGS_MODULE": "tests.benchmarks.settings"}


def main() -> int:
    """Runs what was asked for; 1 where something failed or drifted."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="small")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], help="only this one")
    parser.add_argument("--subject", choices=_subjects(), help="only this one")
    asked = parser.parse_args()
    rows: list[Row] = []
    failed = False
    for database, server in list(_databases(asked.database)):  # all of them are there, or nothing begins
        for subject in [asked.subject] if asked.subject else _subjects():
            found, has_failed = _measured(subject, database, server, asked.size)
            rows += found
            failed |= has_failed
    report.write(rows, var_dir() / "bench.json")
    sys.stdout.write(f"\n{report.table(rows)}\n")
    return int(failed)


def _subjects() -> list[str]:
    return sorted(module.name for module in pkgutil.iter_modules(subjects.__path__))


def _databases(only: str | None) -> Iterator[tuple[str, str]]:
    """What can be measured on, and its server. Only in CI must a PostgreSQL be there."""
    if only != "postgresql":
        yield "sqlite", ""
    if only != "sqlite":
        server = os.environ.get("BENCH_DATABASE_URL") or HERE
        refusal = databases.refusal(server)
        if not refusal:
            yield "postgresql", server
        elif flag("CI", default=False) or only:
            raise SystemExit(f"PostgreSQL must be measured and does not answer: {refusal}")
        else:
            say(f"PostgreSQL is left out, it does not answer: {refusal}")


def _measured(subject: str, database: str, server: str, size: str) -> tuple[list[Row], bool]:
    """The rows of one subject on one database, and whether something failed."""
    smaller: list[Row] = []
    has_failed = False
    if size in TENTH:
        smaller, has_failed = _run(subject, database, server, TENTH[size], "--growing")
    rows, failed_too = _run(subject, database, server, SIZES[size])
    return [*rows, *_growth(smaller, rows, TENTH.get(size, 0))], has_failed or failed_too


def _run(subject: str, database: str, server: str, size: int, *options: str) -> tuple[list[Row], bool]:
    say(f"{subject} on {database}, {size:,} accounts")
    with databases.new(server) as url, tempfile.NamedTemporaryFile(suffix=".json") as results:
        command = [sys.executable, "-m", "tests.benchmarks.worker", f"{subjects.__name__}.{subject}", str(size)]
        environment = os.environ | SETTINGS | {"DATABASE_URL": url}
        done = subprocess.run([*command, results.name, *options], cwd=BASE_DIR, env=environment)
        found = json.loads(Path(results.name).read_text() or "[]")
    return [{"name": row.pop("name"), "database": database, **row} for row in found], bool(done.returncode)


def _growth(smaller: list[Row], rows: list[Row], size: int) -> Iterator[Row]:
    values = {row["name"]: row["value"] for row in smaller}
    low, high = GROWTH
    for row in rows:
        if row["name"] in values:
            ratio = row["value"] / values[row["name"]]
            yield row | {
                "name": f"{row['name']}, growth",
                "against": f"the same over {size:,} accounts",
                "ratio": ratio,
                "budget": f"{low:g} to {high:g}",
                "ok": low <= ratio <= high,
            }


if __name__ == "__main__":
    raise SystemExit(main())
