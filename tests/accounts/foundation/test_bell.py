"""The bell calls a worker once, after the commit, and again when nobody came."""

import datetime as dt
import logging
import threading

import pytest
from django.db import transaction
from django.db.models import QuerySet

from accounts.foundation import bell
from accounts.foundation.clock import now
from accounts.foundation.models import Bell
from accounts.foundation.scope import ScopedQuerySet
from tests.threads import PATIENCE, at_once


@pytest.fixture
def calls(settings, monkeypatch):
    """What the queue was given."""
    found: list[tuple] = []
    settings.BELL_SILENT = False
    monkeypatch.setattr("django_q.tasks.async_task", lambda *given: found.append(given))
    return found


@pytest.fixture
def pump(transactional_db):
    bell.install(["pump"])


def rung_ago(seconds: float) -> None:
    Bell.objects.filter(name="pump").update(rung_at=now() - dt.timedelta(seconds=seconds))


def test_hands_the_queue_a_name_and_nothing_else(pump, calls, settings):
    bell.ring()
    assert calls == [(settings.BELL_TARGET, "pump")]


def test_rings_once_however_often_it_is_asked(pump, calls):
    for _ in range(5):
        bell.ring()
    assert len(calls) == 1


def test_rings_once_when_many_ask_at_once(pump, calls, monkeypatch):
    """All of them have seen that it is quiet before the first one rings."""
    everybody = threading.Barrier(6)

    def exists(rows: ScopedQuerySet) -> bool:
        found = QuerySet.exists(rows)
        everybody.wait(PATIENCE)
        return found

    monkeypatch.setattr(ScopedQuerySet, "exists", exists, raising=False)
    at_once(*[bell.ring] * 6)
    assert len(calls) == 1


def test_rings_again_when_somebody_came(pump, calls):
    bell.ring()
    bell.answered("pump")
    bell.ring()
    assert len(calls) == 2
    assert now() - Bell.objects.get().answered_at < dt.timedelta(seconds=10)


def test_rings_only_after_the_commit(pump, calls):
    with transaction.atomic():
        bell.ring()
        assert calls == []
    assert len(calls) == 1


def test_does_not_ring_for_what_was_rolled_back(pump, calls):
    with transaction.atomic():
        bell.ring()
        transaction.set_rollback(True)
    assert calls == []
    assert Bell.objects.get().rung_at is None


def test_a_ring_that_nobody_heard_is_repeated_after_ten_seconds(pump, calls):
    rung_ago(9)
    bell.ring()
    assert calls == []
    rung_ago(11)
    bell.ring()
    assert len(calls) == 1


def test_a_broker_that_is_down_fails_nobody(pump, calls, monkeypatch, caplog):
    def down(*given):
        raise ConnectionError("no broker")

    monkeypatch.setattr("django_q.tasks.async_task", down)
    with caplog.at_level(logging.ERROR, "accounts.foundation.bell"):
        bell.ring()
    assert "could not be rung" in caplog.text


def test_a_bell_that_was_never_hung_up_is_silent(transactional_db, calls):
    bell.ring("nowhere")
    assert calls == []
    assert not Bell.objects.exists()


def test_hanging_it_up_again_keeps_its_state(pump):
    rung_ago(3)
    before = Bell.objects.get().rung_at
    bell.install(["pump"])
    assert Bell.objects.get().rung_at == before
