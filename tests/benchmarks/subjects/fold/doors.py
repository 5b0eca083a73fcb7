"""The doors, against the same server that reads the same requests and answers."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from django.db import connection

from accounts.foundation import bell
from accounts.foundation.clock import now
from accounts.ingestion.models import InboxRequest
from accounts.team import keys
from accounts.team.models import Role
from config.env import BASE_DIR
from tests.benchmarks.harness import Drift, Result, Side, agree, at_least, compared, in_turns
from tests.benchmarks.subjects.fold.stream import BATCH, World, empty, requests

CLIENTS = 2
PATIENCE = 30


def acceptance(world: World) -> Iterator[Result]:
    """Acceptance over HTTP in batches of 500, against the same server that only reads and answers"""
    Role.objects.get_or_create(key="integration", defaults={"name": "Integration"})
    _, key = keys.issue(name="bench", scope="ingest", source=world.source, by=None, at=now())
    bell.install(["pump"])
    bodies = requests(world, seed=3)
    empty()
    with _server() as port:
        _send(port, "/v1/batch", key, bodies)
        agree("stored requests", InboxRequest.objects.count(), len(bodies))
        ours = Side(lambda: _send(port, "/v1/batch", key, bodies), before=empty)
        theirs = Side(lambda: _send(port, "/bare", key, bodies), before=empty)
        taken = in_turns(ours, theirs, rounds=world.rounds + 2)
    empty()
    name = "Acceptance over HTTP, batches of 500"
    yield compared(name, *taken, against="reading and answering", budget=at_least(0.7))


@contextmanager
def _server() -> Iterator[int]:
    """The port of a server over this database."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    command = [sys.executable, "-m", "tests.benchmarks.server"]
    process = subprocess.Popen(command, cwd=BASE_DIR, env=os.environ | {"PORT": str(port)})
    connection.close()
    try:
        _await(port)
        yield port
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _await(port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            return _post(port, "/bare", "", [b"{}"])
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("The server did not answer.")


def _send(port: int, path: str, key: str, bodies: list[bytes]) -> None:
    """All requests once, by several clients that keep their connections."""
    parts = [bodies[number::CLIENTS] for number in range(CLIENTS)]
    with ThreadPoolExecutor(CLIENTS) as pool:
        for done in [pool.submit(_post, port, path, key, part) for part in parts]:
            done.result()


def _post(port: int, path: str, key: str, bodies: list[bytes]) -> None:
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    for body in bodies:
        link.request("POST", path, body, {"Authorization": f"Bearer {key}", "Content-Type": "application/json"})
        response = link.getresponse()
        answer = json.loads(response.read())
        if response.status != 200 or (path != "/bare" and answer["accepted"] != BATCH):
            raise Drift(f"{path} answered {response.status}: {answer}")
    link.close()
