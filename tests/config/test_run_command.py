"""`manage.py run` as a newcomer meets it: an empty database, a free port, then Ctrl-C."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import processes
from config.supervisor import refuse_taken_port
from tests import databases

pytestmark = pytest.mark.processes

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def database_url() -> Iterator[str]:
    """An empty database of our own, on the server that the tests run on."""
    with databases.new(os.environ.get("TEST_DATABASE_URL", ""), tables=False) as url:
        yield url


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Installation:
    """Starts `manage.py run` over one database and one port, as often as asked, and knows what each start said."""

    def __init__(self, database_url: str, port: int, folder: Path) -> None:
        self.port, self.folder = port, folder
        left_out = {"DJANGO_SETTINGS_MODULE", "PUBLIC_URL", "DEMO", "ALLOWED_HOSTS", "REDIS_URL", processes.MARKER}
        self.environment = {name: value for name, value in os.environ.items() if name not in left_out}
        self.environment |= {"DATABASE_URL": database_url, "PORT": str(port)}
        self.started: list[subprocess.Popen[bytes]] = []

    def run(self) -> subprocess.Popen[bytes]:
        with (self.folder / f"said-{len(self.started)}").open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "manage.py", "run"],
                cwd=ROOT,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.started.append(process)
        return process

    def said(self) -> str:
        """What the last start has said so far."""
        return (self.folder / f"said-{len(self.started) - 1}").read_text()

    def start(self, *, within: float) -> subprocess.Popen[bytes]:
        process = self.run()
        deadline = time.monotonic() + within
        while "Ctrl-C stops everything." not in self.said():
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"not ready:\n{self.said()}")
            time.sleep(0.05)
        return process

    def stop(self, process: subprocess.Popen[bytes], number: signal.Signals) -> None:
        # gunicorn with two workers; the cluster with sentinel, worker, monitor and pusher. The web server may be
        # ready before the cluster has started all of its own.
        deadline = time.monotonic() + 30
        while len(processes.marked_by(process.pid)) < 8:
            assert time.monotonic() < deadline, processes.marked_by(process.pid)
            time.sleep(0.1)
        process.send_signal(number)
        assert process.wait(timeout=8) == 0
        assert processes.marked_by(process.pid) == []
        refuse_taken_port(self.port)

    def status(self, path: str) -> int:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        link.request("GET", path)
        return link.getresponse().status


@pytest.fixture
def installation(database_url: str, port: int, tmp_path: Path) -> Iterator[Installation]:
    made = Installation(database_url, port, tmp_path)
    yield made
    for process in made.started:
        if process.poll() is None:
            process.terminate()
            process.wait(timeout=10)


def test_the_first_start_makes_everything_and_the_second_keeps_it(installation):
    first = installation.start(within=400)  # on a machine that has other tests to run
    assert "Loading the starter playbook" in installation.said()
    assert f"Holdfast is ready at http://127.0.0.1:{installation.port}/admin/" in installation.said()
    assert installation.status("/healthz") == 200
    assert installation.status("/admin/login/") == 200
    sign_ins = installation.said().partition("Role  ")[2]
    assert sign_ins.count("\n") > 6
    installation.stop(first, signal.SIGINT)

    second = installation.start(within=120)
    assert "Loading" not in installation.said()
    assert installation.said().partition("Role  ")[2] == sign_ins
    installation.stop(second, signal.SIGTERM)


def test_a_taken_port_is_refused_in_one_sentence_before_anything_is_made(installation):
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", installation.port))
        taken.listen()
        assert installation.run().wait(timeout=30) != 0
    assert installation.said().startswith(f"Port {installation.port} is taken by another program; set another one")
    assert installation.said().count("\n") == 1
    assert not list(installation.folder.glob("run.sqlite3*"))
