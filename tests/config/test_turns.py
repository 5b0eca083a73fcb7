"""Writers of SQLite have turns: one that begins again at once does not shut out the others."""

import os
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError

from config.env import SQLITE
from config.sqlite3.base import DatabaseWrapper

PATIENCE = 2
ROUNDS = 40
HELD = 0.05
WRITER = textwrap.dedent(
    """
    import sys, time
    from pathlib import Path
    from tests.config.test_turns import HELD, ROUNDS, opened
    link, folder = opened(Path(sys.argv[1])), Path(sys.argv[1]).parent
    while not (folder / "go").exists():
        time.sleep(0.001)
    for _ in range(ROUNDS):
        link.set_autocommit(False)
        link.cursor().execute("INSERT INTO turn (who) VALUES (%s)", [sys.argv[2]])
        time.sleep(HELD)
        link.commit()
        link.set_autocommit(True)
    """
)


def opened(path: Path, *, patience: float = PATIENCE) -> DatabaseWrapper:
    """A connection of its own to a file."""
    options = SQLITE["OPTIONS"] | {"timeout": patience}
    empty = dict.fromkeys(("USER", "PASSWORD", "HOST", "PORT"), "")
    more = {"TIME_ZONE": None, "AUTOCOMMIT": True, "CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": False, "TEST": {}}
    return DatabaseWrapper({"ENGINE": "config.sqlite3", "NAME": str(path), "OPTIONS": options, **empty, **more})


@pytest.fixture
def path(tmp_path: Path, django_db_blocker: Any) -> Iterator[Path]:
    path = tmp_path / "turns.sqlite3"
    with django_db_blocker.unblock():
        link = opened(path)
        link.cursor().execute("CREATE TABLE turn (id INTEGER PRIMARY KEY, who TEXT)")
        link.close()
        yield path


def test_four_writers_without_a_pause_all_get_their_turns(path):
    """Each holds the lock for a twentieth of a second and wants it again at once; nobody waits for two seconds."""
    start = [sys.executable, "-c", f"import django; django.setup()\n{WRITER}", str(path)]
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings.tests"}
    writers = [subprocess.Popen([*start, str(n)], env=environment, stderr=subprocess.PIPE, text=True) for n in range(4)]
    time.sleep(1)
    (path.parent / "go").touch()
    assert [writer.communicate(timeout=120)[1] for writer in writers] == [""] * 4
    with sqlite3.connect(path) as link:
        counts = link.execute("SELECT who, count(*) FROM turn GROUP BY who").fetchall()
        order = [who for (who,) in link.execute("SELECT who FROM turn ORDER BY id")]
    assert dict(counts) == {str(n): ROUNDS for n in range(4)}
    changes = sum(one != other for one, other in zip(order, order[1:], strict=False))
    assert changes > len(order) // 2


def test_a_lock_that_is_never_given_back_is_an_error_in_the_end(path):
    holder, other = opened(path), opened(path, patience=0.2)
    holder.set_autocommit(False)
    holder.cursor().execute("INSERT INTO turn (who) VALUES ('a')")
    began = time.monotonic()
    with pytest.raises(OperationalError, match="database is locked"):
        other.cursor().execute("INSERT INTO turn (who) VALUES ('b')")
    assert 0.2 <= time.monotonic() - began < PATIENCE
    holder.rollback()
    other.cursor().execute("INSERT INTO turn (who) VALUES ('b')")
    assert other.cursor().execute("SELECT count(*) FROM turn").fetchone() == (1,)
    holder.close()
    other.close()


class Intruder:
    """A value that, when its row is about to be written, lets somebody else take the lock for a moment."""

    def __init__(self, path: Path) -> None:
        self.other = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
        self.came_in = False

    def __conform__(self, protocol: object) -> str:
        try:
            self.other.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return "third"
        self.came_in = True
        threading.Timer(HELD, lambda: self.other.execute("COMMIT")).start()
        return "third"


def test_many_rows_outside_of_a_transaction_are_written_in_one_turn(path):
    """Or the rows before the one that had to wait are written again: twice, or refused as known."""
    link, intruder = opened(path), Intruder(path)
    link.cursor().executemany(
        "INSERT INTO turn (id, who) VALUES (%s, %s)", [(1, "first"), (2, "second"), (3, intruder)]
    )
    assert not intruder.came_in
    assert [who for (who,) in intruder.other.execute("SELECT who FROM turn ORDER BY id")] == [
        "first",
        "second",
        "third",
    ]


def test_many_rows_outside_of_a_transaction_are_written_all_or_none(path):
    link = opened(path)
    with pytest.raises(IntegrityError):
        link.cursor().executemany("INSERT INTO turn (id, who) VALUES (%s, %s)", [(1, "one"), (1, "another")])
    assert not link.cursor().execute("SELECT who FROM turn").fetchall()
    assert not link.connection.in_transaction
