"""A whole installation in processes of its own: its database, web server and workers, to be hurt."""

import contextlib
import http.client
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg

from config import processes
from tests.chaos.servers import free_port

ROOT = Path(__file__).resolve().parents[2]
IS_LONG = os.environ.get("CHAOS") == "long"
"""Whether `make chaos` asked for the full figures."""

PREPARE = """
import django, pathlib
django.setup()
from django.core.management import call_command
from config import migrated
if migrated.missing():
    call_command("migrate", verbosity=0)
from accounts.foundation.clock import now
from accounts.identity import services as identity
from accounts.portfolio import services as portfolio
from accounts.team import keys
from accounts.workspace import services as workspace
from plays.playbook.services import import_folder
import_folder(pathlib.Path("plays/playbook/starter"), by=None, at=now())
source = workspace.connect_source(key="product", by=None, at=now())
identity.link(portfolio.create(name="Northwind", by=None, at=now()), source=source, value="acct-1", by=None, at=now())
print(keys.issue(name="chaos", scope="ingest", source=source, by=None, at=now())[1])
"""


class Installation:
    """Processes over one database. Everything it starts carries a marker, and ends with it."""

    def __init__(self, folder: Path, url: str, *, key: str = "", root: Path = ROOT, more: str = "") -> None:
        self.folder, self.url, self.root = folder, url, root
        self.marker = processes.new_marker()
        self.port = free_port()
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("DJANGO_", "REDIS_"))
        } | {
            "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "config.settings.base",
            "SECRET_KEY": "only-for-chaos",
            "PORT": str(self.port),
            processes.MARKER: self.marker,
        }
        self.key = key or self.run(PREPARE + more).strip().splitlines()[-1]

    def run(self, code: str) -> str:
        """What `code` prints, run in a process of its own."""
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=self.root,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """Starts `manage.py command`; what it says goes into a file of the folder."""
        with (self.folder / f"{command[0]}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, *(["manage.py"] if not command[0].startswith("-") else []), *command],
                cwd=self.root,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def logs(self) -> str:
        """All that its processes said."""
        return "".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("*.log")))

    def rows(self, text: str) -> list[tuple[Any, ...]]:
        """What a statement finds, asked past the installation."""
        parts = urlsplit(self.url)
        if parts.scheme == "sqlite":
            with contextlib.closing(sqlite3.connect(parts.path, timeout=20)) as link:
                return link.execute(text).fetchall()
        with psycopg.connect(urlunsplit(parts._replace(scheme="postgresql"))) as link:
            return link.execute(text).fetchall()

    def post(self, body: bytes) -> tuple[int, dict[str, Any]]:
        """The status and the answer of one batch; raises OSError or HTTPException where there was none."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            link.request("POST", "/v1/batch", body, {"Authorization": f"Bearer {self.key}"})
            response = link.getresponse()
            return response.status, json.loads(response.read())
        finally:
            link.close()

    def is_serving(self) -> bool:
        """Whether signals are taken."""
        try:
            return self.post(b'{"batch":[]}')[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def waiting(self) -> int:
        """Requests that nobody has folded yet."""
        [(count,)] = self.rows("SELECT count(*) FROM accounts_inboxrequest")
        return count

    def messages(self) -> list[str]:
        """The ids of all signals that are there."""
        return [str(message).replace("-", "") for (message,) in self.rows("SELECT message FROM accounts_signalevent")]

    def end(self) -> None:
        """Ends what it started, by its marker."""
        processes.kill_marked(self.marker)


def children(pid: int) -> list[int]:
    """The living children of a process."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


@dataclass(frozen=True)
class Parts:
    """The processes of one worker, by what they do."""

    keeper: int
    worker: int
    monitor: int
    pusher: int


def parts(pid: int) -> Parts:
    """The processes below `manage.py work`, once all of them are there."""
    wait_until(lambda: [len(children(keeper)) for keeper in children(pid)] == [3])
    [keeper] = children(pid)
    return Parts(keeper, *sorted(children(keeper)))  # in the order in which they were started


def kill(pid: int) -> bool:
    """Ends one process at once; False where it had ended already."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def wait_until(condition: Callable[[], object], seconds: float = 40) -> None:
    """Waits for what must come true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)
