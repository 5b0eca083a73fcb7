"""What a test, or a process that it starts, gets for a database."""

import contextlib
import os
import sqlite3
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.contrib.auth.models import Permission

from accounts.workspace.models import Workspace
from tests import databases

SERVER = os.environ.get("TEST_DATABASE_URL", "")


def ask(url: str, text: str) -> int:
    """The number that a statement finds; raises where the database is not there."""
    if url.startswith("sqlite"):
        file = Path(url.removeprefix("sqlite:///"))
        with contextlib.closing(sqlite3.connect(f"{file.as_uri()}?mode=rw", uri=True)) as link:
            return int(link.execute(text).fetchone()[0])
    with psycopg.connect(url) as link:
        return int(link.execute(text).fetchone()[0])


def tell(url: str, *texts: str) -> None:
    link = psycopg.connect(url) if url.startswith("postgres") else sqlite3.connect(url.removeprefix("sqlite:///"))
    with contextlib.closing(link):
        for text in texts:
            link.execute(text)
        link.commit()


def test_has_every_table_without_rows_and_is_gone_afterwards() -> None:
    with databases.new(SERVER) as url, databases.new(SERVER) as another:
        assert url != another
        assert ask(url, "SELECT count(*) FROM django_migrations") > 50
        assert ask(url, "SELECT count(*) FROM accounts_account") == 0
    with pytest.raises((sqlite3.OperationalError, psycopg.OperationalError)):
        ask(url, "SELECT 1")


def test_has_the_rows_of_the_one_it_is_like() -> None:
    with databases.new(SERVER) as url:
        tell(url, "CREATE TABLE sevens (id integer)", "INSERT INTO sevens VALUES (7)")
        with databases.new(SERVER, like=url) as copy:
            assert copy != url
            assert ask(copy, "SELECT id FROM sevens") == 7


def test_is_empty_without_tables_as_a_first_start_finds_it() -> None:
    with databases.new(SERVER, tables=False) as url:
        if url.startswith("sqlite"):
            assert not Path(urlsplit(url).path).exists()
        else:
            assert ask(url, "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'") == 0


def test_what_a_killed_run_left_goes_with_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    killed = subprocess.Popen(["true"])
    killed.wait()
    with databases.new(SERVER) as kept:
        with monkeypatch.context() as patched:
            patched.setattr(os, "getpid", lambda: killed.pid)
            unended = databases.new(SERVER)
            left = unended.__enter__()
        assert ask(left, "SELECT count(*) FROM accounts_account") == 0
        with databases.new(SERVER):
            pass
        with pytest.raises((sqlite3.OperationalError, psycopg.OperationalError)):
            ask(left, "SELECT 1")
        assert ask(kept, "SELECT count(*) FROM accounts_account") == 0


def test_migrates_once_and_again_when_a_migration_has_changed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    migrated: list[str] = []

    def migrate(url: str) -> None:
        migrated.append(url)
        if url.startswith("sqlite"):
            Path(urlsplit(url).path).touch()

    monkeypatch.setattr(databases, "_migrate", migrate)
    monkeypatch.setattr(databases, "_folder", lambda: tmp_path)
    for fingerprint, times in (("one", 1), ("one", 1), ("another", 2)):
        monkeypatch.setattr(databases, "_fingerprint", lambda made_from=fingerprint: made_from)
        with databases.new(SERVER and f"{SERVER}_{os.getpid()}"):
            assert len(migrated) == times
    assert len(list(tmp_path.glob("tables-*"))) <= 1
    if SERVER:
        with databases._connected(SERVER) as link:
            databases._drop(link, f"test_{urlsplit(SERVER).path.strip('/')}_{os.getpid()}_tables")


def test_another_migration_is_noticed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("accounts/migrations/0001_initial.py", "config/settings/base.py", "requirements/dev.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_text("before")
    monkeypatch.setattr(databases, "BASE_DIR", tmp_path)
    seen = {databases._fingerprint.__wrapped__()}
    for path in sorted(tmp_path.glob("**/*.*")):
        path.write_text("after")
        seen.add(databases._fingerprint.__wrapped__())
    assert len(seen) == 4


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_a_test_that_commits_leaves_nothing_to_the_next(turn: int, starter: Workspace) -> None:
    assert Workspace.objects.count() == 1
    assert Permission.objects.exists(), "what Django writes itself stays"
