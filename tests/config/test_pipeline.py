"""The pump works until nothing is left, whatever fails; the minute's tick finds what nobody rang for."""

import datetime as dt
import logging

import pytest
from django.db import DatabaseError
from django_q.models import Schedule

from accounts.events.models import DirtyAccount
from accounts.facts.models import AccountFacts
from accounts.foundation import audit
from accounts.foundation.clock import now
from accounts.foundation.models import Bell
from config import cluster, pipeline, schedules
from tests.factories.accounts import (
    AccountFactory,
    AccountFactsFactory,
    BellFactory,
    DirtyAccountFactory,
)

pytestmark = pytest.mark.django_db


def stages(monkeypatch, **found):
    monkeypatch.setattr(pipeline, "STAGES", found)


def counting(*amounts):
    """A stage that finds this much to do in each round, and then nothing."""
    left = list(amounts)
    return lambda: left.pop(0) if left else 0


def test_runs_until_every_stage_is_idle(monkeypatch):
    order = []

    def named(name, *amounts):
        stage = counting(*amounts)
        return lambda: order.append(name) or stage()

    stages(monkeypatch, first=named("first", 2, 0, 1), second=named("second", 0, 3))
    assert pipeline.run() == 6
    assert order == ["first", "second"] * 4


def test_a_stage_that_fails_does_not_keep_the_others_from_working(monkeypatch, caplog):
    def broken():
        raise DatabaseError("gone")

    stages(monkeypatch, broken=broken, sound=counting(5))
    with caplog.at_level(logging.ERROR, "config.pipeline"):
        assert pipeline.run() == 5
    assert "Stage broken failed" in caplog.text


def test_a_worker_that_has_worked_long_rings_and_hands_over(monkeypatch, django_capture_on_commit_callbacks):
    monkeypatch.setattr(pipeline, "LONGEST", dt.timedelta(0))
    stages(monkeypatch, endless=lambda: 1)
    with django_capture_on_commit_callbacks() as rung:
        assert pipeline.run() >= 1
    assert len(rung) == 1


@pytest.mark.django_db(transaction=True)
def test_a_pump_that_finds_nothing_calls_nobody(settings, monkeypatch):
    """Or it would answer itself for ever."""
    settings.BELL_SILENT = False
    rung = []
    monkeypatch.setattr("django_q.tasks.async_task", lambda *given: rung.append(given))
    BellFactory(name="pump")
    pipeline.answer("pump")
    assert rung == []


def test_a_worker_that_is_told_to_end_rings_and_hands_over(monkeypatch, django_capture_on_commit_callbacks):
    monkeypatch.setattr(cluster, "is_ending", lambda: True)
    stages(monkeypatch, endless=lambda: 1)
    with django_capture_on_commit_callbacks() as rung:
        assert pipeline.run() == 1
    assert len(rung) == 1


def test_what_the_pump_does_goes_through_the_door_of_jobs(monkeypatch):
    doors = []
    stages(monkeypatch, one=lambda: doors.append(audit._door.get()) or 0)
    with audit.through("console"):
        pipeline.run()
    assert doors == ["job"]


def test_answering_a_bell_lets_it_ring_again():
    BellFactory(name="pump", rung_at=now())
    pipeline.answer("pump")
    assert Bell.objects.get().rung_at is None
    assert now() - Bell.objects.get().answered_at < dt.timedelta(seconds=10)


def test_the_beat_comes_for_a_ring_that_got_lost():
    DirtyAccountFactory(account=AccountFactory())
    BellFactory(name="pump", rung_at=now() - dt.timedelta(seconds=11), answered_at=now())
    pipeline.beat()
    assert not DirtyAccount.objects.exists()
    assert Bell.objects.get().rung_at is None


@pytest.mark.parametrize(("answered_ago", "left"), [(80, 1), (100, 0), (None, 0)])
def test_the_beat_does_the_tick_that_the_queue_has_lost(answered_ago, left):
    DirtyAccountFactory(account=AccountFactory())
    BellFactory(name="pump", answered_at=answered_ago and now() - dt.timedelta(seconds=answered_ago))
    pipeline.beat()
    assert DirtyAccount.objects.count() == left


def test_the_beat_leaves_alone_what_somebody_was_just_called_for():
    DirtyAccountFactory(account=AccountFactory())
    BellFactory(name="pump", rung_at=now() - dt.timedelta(seconds=8), answered_at=now())
    pipeline.beat()
    assert DirtyAccount.objects.exists()


def test_the_tick_does_what_nobody_rang_for():
    account = AccountFactory()
    DirtyAccountFactory(account=account)
    assert pipeline.tick() >= 1
    assert AccountFacts.objects.filter(account=account).exists()


def test_the_tick_closes_the_windows_of_days_that_have_passed():
    yesterday = now().date() - dt.timedelta(days=1)
    facts = AccountFactsFactory(day=yesterday, active_users_30d=7)
    pipeline.tick()
    facts.refresh_from_db()
    assert facts.day == now().date()
    assert facts.active_users_30d is None, "there is no activity behind it"


def test_the_queue_has_exactly_the_jobs_of_the_table():
    Schedule.objects.create(name="left over", func="config.pipeline.gone")
    schedules.sync()
    schedules.sync()
    found = {row.name: (row.func, row.minutes, row.repeats) for row in Schedule.objects.all()}
    assert found == {job.name: (job.function, job.minutes, -1) for job in schedules.JOBS}
