"""Several hosts over one PostgreSQL, and what happens when that goes away. For PostgreSQL only."""

import http.client
import random
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.clients import Clients
from tests.chaos.conftest import FOUND
from tests.chaos.installation import IS_LONG, ROOT, Installation, kill, wait_until
from tests.chaos.servers import Postgres, Redis

pytestmark = pytest.mark.processes
AWAY = (5, 60) if IS_LONG else (5,)
ROUNDS = 20 if IS_LONG else 1
PROGRAM = ("accounts", "config", "content", "plays", "retention", "manage.py")


@pytest.fixture
def server() -> Iterator[Postgres]:
    found = Postgres()
    try:
        yield found
    finally:
        found.remove()


def test_signals_and_work_survive_an_outage_of_the_database(server: Postgres, tmp_path: Path) -> None:
    place = Installation(tmp_path, server.url("postgres"), more=FOUND)
    try:
        survive(place, server)
    finally:
        place.end()


def survive(place: Installation, server: Postgres) -> None:
    place.start("web")
    work = place.start("work")
    wait_until(place.is_serving)
    for seconds in AWAY:
        with Clients(place, count=3) as clients:
            wait_until(lambda: clients.batches >= 5 and place.waiting())
            in_flight = clients.in_flight
            server.stop()
            stopped_at = time.monotonic()
            status, retry_after = refusal(place)
            time.sleep(max(0.0, seconds - (time.monotonic() - stopped_at)))
            server.start()
            began = time.monotonic()
            clients.go_on(batches=5, within=30)
        wait_until(lambda: not place.waiting(), 30)
        sys.stdout.write(
            f"\nPostgreSQL was stopped for {seconds} s with {in_flight} requests in flight; answers "
            f"{dict(clients.answers)}; recovered after {time.monotonic() - began:.1f} s\n"
        )
        assert in_flight > 0
        assert status == 503
        assert int(retry_after) > 0
        lost, twice = clients.compared(place)
        assert (lost, twice) == (0, 0)
    assert work.poll() is None, place.logs()


def refusal(place: Installation) -> tuple[int, str]:
    """What a signal is answered now: the status, and when to come again."""
    link = http.client.HTTPConnection("127.0.0.1", place.port, timeout=20)
    try:
        link.request("POST", "/v1/batch", b'{"batch":[]}', {"Authorization": f"Bearer {place.key}"})
        response = link.getresponse()
        return response.status, response.headers.get("Retry-After", "0")
    finally:
        link.close()


def test_hosts_share_the_work_and_any_of_them_may_die(place: Installation, redis_server: Redis, tmp_path: Path) -> None:
    """Each process runs from a folder of its own, as on a host of its own."""
    hosts = [host(place, tmp_path / f"host-{number}", redis_server) for number in range(5)]
    try:
        webs, works = [one.start("web") for one in hosts[:2]], [one.start("work") for one in hosts[2:]]
        wait_until(lambda: all(one.is_serving() for one in hosts[:2]))
        wait_until(lambda: place.rows("SELECT count(*) FROM accounts_worker") == [(3,)])
        dice, killed, in_flight = random.Random(5), 0, 0
        with Clients(*hosts[:2], count=4) as clients:
            for _ in range(ROUNDS):
                wait_until(lambda: clients.in_flight and place.waiting())
                in_flight += clients.in_flight + place.waiting()
                for group, members, command in ((webs, hosts[:2], "web"), (works, hosts[2:], "work")):
                    victim = dice.randrange(len(group))
                    killed += kill(group[victim].pid)
                    group[victim].wait(10)
                    group[victim] = members[victim].start(command) if IS_LONG else group[victim]
                clients.go_on(batches=20, within=60)
        began = time.monotonic()
        wait_until(lambda: not place.waiting(), 60)
        sys.stdout.write(
            f"\n{killed} processes (a web server and a worker) were killed with {in_flight} requests in flight; "
            f"{len(clients.accepted)} signals, answers {dict(clients.answers)}; all was done "
            f"{time.monotonic() - began:.1f} s after the last\n"
        )
        assert killed == 2 * ROUNDS
        assert in_flight > 0
        assert clients.compared(place) == (0, 0)
    finally:
        for one in hosts:
            one.end()


def host(place: Installation, folder: Path, redis_server: Redis) -> Installation:
    """Another host of the same installation: the program in a folder of its own, and nothing else in common."""
    folder.mkdir()
    for name in PROGRAM:
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy2)(ROOT / name, folder / name)
    found = Installation(folder, place.url, key=place.key, root=folder)
    found.environment["REDIS_URL"] = redis_server.url
    return found
