"""Workers under fire: whatever of one is killed, and whatever its queue forgets, work moves again by itself."""

import os
import signal
import sys
import time

import pytest

from tests.chaos.clients import Clients
from tests.chaos.installation import IS_LONG, Installation, children, kill, parts, wait_until
from tests.chaos.servers import Redis

pytestmark = pytest.mark.processes
KILLED, FROZEN = signal.SIGKILL, signal.SIGSTOP
VICTIMS = [(KILLED, "worker"), (KILLED, "monitor"), (KILLED, "keeper")]
if IS_LONG:
    VICTIMS += [(KILLED, "pusher"), (FROZEN, "worker"), (FROZEN, "monitor"), (FROZEN, "pusher")]
HEALED = 60 if IS_LONG else 30
FLUSHES = 50 if IS_LONG else 5


def send_until_there(place: Installation) -> tuple[int, float]:
    """Sends a little; how many requests waited, and the seconds until all of it was folded."""
    with Clients(place, count=1) as clients:
        clients.go_on(batches=3, within=40)
    in_flight, began = place.waiting(), time.monotonic()
    wait_until(lambda: not place.waiting(), HEALED)
    assert clients.compared(place) == (0, 0)
    return in_flight, time.monotonic() - began


def made_anew(pid: int, keeper: int) -> None:
    """Waits until the worker has other processes than before, and all of them."""
    wait_until(lambda: set(children(pid)) - {keeper}, HEALED)
    parts(pid)


def test_a_worker_that_loses_an_idle_process_begins_anew(place: Installation) -> None:
    place.start("web")
    work = place.start("work")
    wait_until(place.is_serving)
    told, total = [], 0
    for number, victim in VICTIMS:
        before = parts(work.pid)
        wait_until(lambda: not place.waiting())
        os.kill(getattr(before, victim), number)
        in_flight, seconds = send_until_there(place)
        made_anew(work.pid, before.keeper)
        told.append(f"{victim}: {in_flight} requests waited, healed after {seconds:.1f} s")
        total += in_flight
        assert work.poll() is None, place.logs()
    sys.stdout.write(f"\n{len(VICTIMS)} idle processes of a worker were killed or frozen; {'; '.join(told)}\n")
    assert total > 0, "nothing waited when they were dead"
    work.send_signal(signal.SIGTERM)
    assert work.wait(8) == 0
    assert place.rows("SELECT count(*) FROM accounts_worker") == [(0,)]


def test_calls_signed_with_an_old_secret_lose_nothing(place: Installation) -> None:
    web = place.start("web")
    wait_until(place.is_serving)
    with Clients(place, count=2) as clients:
        clients.go_on(batches=10, within=40)
    [(calls,)] = place.rows("SELECT count(*) FROM django_q_ormq")
    in_flight = place.waiting()
    assert kill(web.pid)
    place.environment["SECRET_KEY"] = "another one altogether"
    began = time.monotonic()
    place.start("work")
    wait_until(lambda: not place.waiting(), HEALED)
    sys.stdout.write(
        f"\n1 process was killed and the secret changed with {calls} calls and {in_flight} requests in flight; "
        f"moved after {time.monotonic() - began:.1f} s\n"
    )
    assert calls > 0
    assert in_flight > 0
    assert clients.compared(place) == (0, 0)


def test_redis_may_forget_and_go_away(place: Installation, redis_server: Redis) -> None:
    place.environment["REDIS_URL"] = redis_server.url
    place.start("web")
    work = place.start("work")
    wait_until(place.is_serving)
    parts(work.pid)
    flushed, in_flight = 0, 0
    with Clients(place, count=3) as clients:
        while flushed < FLUSHES:
            if waiting := place.waiting():
                in_flight += waiting
                flushed += bool(redis_server.client.flushall())
            time.sleep(0.2)
    redis_server.client.flushall()
    began = time.monotonic()
    wait_until(lambda: not place.waiting(), 2 * HEALED)
    forgot = time.monotonic() - began
    assert clients.compared(place) == (0, 0)

    redis_server.stop()
    with Clients(place, count=2) as others:
        others.go_on(batches=5, within=40)
    left, began = place.waiting(), time.monotonic()
    wait_until(lambda: not place.waiting(), HEALED)
    sys.stdout.write(
        f"\nRedis was flushed {flushed} times with {in_flight} requests in flight, moving again after {forgot:.1f} s; "
        f"1 Redis was killed with {left} requests in flight, moving again after {time.monotonic() - began:.1f} s\n"
    )
    assert in_flight > 0
    assert left > 0
    assert set(others.answers) == {"200"}, "a request waited for Redis and failed"
    assert others.compared(place)[1] == 0
    assert others.accepted <= set(place.messages())
