"""Signals under fire: what was answered is there, once, whoever dies meanwhile; and nobody finds a database locked."""

import random
import sys
import time

import pytest

from tests.chaos.clients import Clients
from tests.chaos.installation import IS_LONG, Installation, children, kill, wait_until

pytestmark = pytest.mark.processes
KILLS = 200 if IS_LONG else 20
WRITES = 2_000 if IS_LONG else 40
PATIENCE = 900 if IS_LONG else 90

WRITER = """
import django, sys, threading
django.setup()
from django.db import OperationalError, connections
from accounts.foundation.clock import now
from accounts.portfolio import services as portfolio
def write(number):
    for turn in range(int(sys.argv[2])):
        try:
            portfolio.create(name=f"Account {sys.argv[1]} {number} {turn}", by=None, at=now())
        except OperationalError as error:
            print("refused:", error, flush=True)
    connections.close_all()
threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""


def quarantined(place: Installation) -> dict[str, int]:
    return dict(place.rows("SELECT reason, count(*) FROM accounts_quarantineditem GROUP BY reason"))


def test_what_was_answered_is_there_once_though_web_processes_are_killed(place: Installation) -> None:
    web = place.start("web")
    place.start("work")
    wait_until(place.is_serving)
    dice, killed, in_flight = random.Random(7), 0, 0
    with Clients(place, count=4) as clients:
        while killed < KILLS:
            time.sleep(dice.uniform(0.05, 0.4))
            workers = children(web.pid)
            if workers and clients.in_flight:
                in_flight += clients.in_flight
                killed += kill(dice.choice(workers))
            assert web.poll() is None, place.logs()
    wait_until(lambda: not place.waiting(), 90)
    found = place.messages()
    sys.stdout.write(
        f"\n{killed} web processes were killed with {in_flight} requests in flight; {len(clients.accepted)} signals in "
        f"{clients.batches} batches were answered 200 after {dict(clients.answers)}; {len(found)} are there\n"
    )
    assert killed >= KILLS
    assert in_flight > 0
    assert set(clients.answers) - {"200"}, "no client ever had to repeat: nothing was tested"
    assert set(found) == clients.accepted
    assert len(found) == len(clients.accepted)
    assert clients.unnamed == 0
    assert quarantined(place) == {"malformed": clients.batches}


def test_many_writers_a_worker_and_the_doors_never_find_the_database_locked(place: Installation) -> None:
    place.start("web")
    place.start("work")
    wait_until(place.is_serving)
    with Clients(place, count=2) as clients:
        writers = [place.start("-c", WRITER, name, str(WRITES)) for name in ("one", "two")]
        wait_until(lambda: all(writer.poll() is not None for writer in writers), 600)
    wait_until(lambda: not place.waiting(), PATIENCE)
    [(written,)] = place.rows("SELECT count(*) FROM accounts_account")
    sys.stdout.write(
        f"\n8 writers made {written - 1} accounts beside {len(clients.accepted)} signals; "
        f"answers {dict(clients.answers)}\n"
    )
    assert [writer.returncode for writer in writers] == [0, 0], place.logs()
    assert "locked" not in place.logs()
    assert "refused:" not in place.logs()
    assert written == 1 + 8 * WRITES
    assert set(clients.answers) == {"200"}
    assert set(place.messages()) == clients.accepted
