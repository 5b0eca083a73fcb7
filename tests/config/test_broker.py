"""The queue behind the bell: beats, calls, and what happens while it does not answer."""

import logging
import threading
import time
from typing import Any

import pytest
import redis
from django.db import DatabaseError, connections
from django_q.brokers import get_broker
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from config import broker
from config.broker.in_redis import InRedis
from config.broker.rows import Rows

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def rows() -> Rows:
    found = get_broker()
    assert isinstance(found, Rows)
    found.next_beat = time.monotonic() + 600
    return found


def test_the_first_thing_a_worker_gets_is_a_beat_and_then_one_every_few_seconds(rows: Rows, settings: Any) -> None:
    rows.next_beat = 0
    [(number, package)] = rows.dequeue() or []
    task = SignedPackage.loads(package)
    assert number is None
    assert (task["func"], task["args"]) == (settings.BEAT_TARGET, ())
    assert rows.next_beat - time.monotonic() == pytest.approx(broker.BEAT, abs=2)
    assert rows.dequeue() is None
    assert not OrmQ.objects.exists(), "beats go past the queue"


def test_a_call_is_handed_out_once(rows: Rows) -> None:
    rows.enqueue("one")
    [(number, payload)] = rows.dequeue() or []
    assert payload == "one"
    assert rows.dequeue() is None
    rows.acknowledge(number)
    assert not OrmQ.objects.exists()


def test_a_call_wakes_whoever_waits(rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("config.broker.rows.PAUSE", 20)

    def call() -> None:
        time.sleep(0.3)
        Rows(rows.list_key).enqueue("come")
        connections.close_all()

    caller = threading.Thread(target=call)
    began = time.monotonic()
    caller.start()
    found = rows.dequeue() or rows.dequeue()
    caller.join()
    assert found
    assert time.monotonic() - began < 10, "it slept through the call"


def test_a_queue_that_nobody_empties_stops_growing(rows: Rows) -> None:
    for _ in range(broker.BACKLOG + 5):
        rows.enqueue("come")
    assert OrmQ.objects.count() == broker.BACKLOG


def test_while_the_queue_is_down_the_worker_waits_and_still_gets_its_beats(
    rows: Rows, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def down() -> None:
        raise DatabaseError

    monkeypatch.setattr(broker, "PAUSE", 0)
    monkeypatch.setattr(rows, "fetch", down)
    with caplog.at_level(logging.WARNING, "config.broker"):
        assert rows.dequeue() is None
    assert "does not answer" in caplog.text
    rows.next_beat = 0
    assert rows.dequeue()


def test_a_redis_that_is_down_neither_ends_a_worker_nor_keeps_it_waiting_for_long(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(broker, "PAUSE", 0)
    queue = InRedis("holdfast")
    assert queue.ping()
    assert queue.dequeue(), "the first is a beat"
    began = time.monotonic()
    assert queue.dequeue() is None
    assert time.monotonic() - began < 5
    with pytest.raises(redis.ConnectionError):
        queue.enqueue("come")
