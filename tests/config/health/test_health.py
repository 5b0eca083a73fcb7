"""Health, as a balancer, Prometheus and a person ask for it."""

import datetime as dt
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client

from accounts.events.models import DirtyAccount
from accounts.foundation import waiting, workers
from accounts.foundation.clock import now
from accounts.foundation.models import Worker
from tests.cast import person
from tests.factories.accounts import DirtyAccountFactory, InboxRequestFactory, ReactionFactory, WorkerFactory
from tests.factories.plays import StepRunFactory

pytestmark = pytest.mark.django_db


def ago(seconds: float) -> dt.datetime:
    return now() - dt.timedelta(seconds=seconds)


def console(role: str) -> Client:
    client = Client()
    client.force_login(person(f"some-{role}", role=role, group=None))
    return client


def test_an_idle_installation_is_well(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok", "oldest_due_s": 0.0, "workers_seen_s": None}


def test_tells_the_age_of_the_oldest_due_row_whatever_its_stage(client: Client) -> None:
    InboxRequestFactory(received_at=ago(5))
    DirtyAccountFactory(at=ago(30))
    assert client.get("/healthz").json()["oldest_due_s"] == pytest.approx(30, abs=5)
    ReactionFactory(next_attempt_at=ago(90))
    found = client.get("/healthz").json()
    assert found["oldest_due_s"] == pytest.approx(90, abs=5)
    assert found["status"] == "slow"


def test_what_is_not_due_yet_or_given_up_does_not_wait() -> None:
    ReactionFactory(next_attempt_at=ago(-60))
    ReactionFactory(next_attempt_at=ago(60), state="dead")
    assert waiting.oldest_due(now()) is None
    found = waiting.stages(now())["reactions"]
    assert (found.count, found.dead) == (0, 1)


def test_every_stage_counts_its_own() -> None:
    InboxRequestFactory.create_batch(2)
    DirtyAccountFactory(what=DirtyAccount.Pass.FACTS)
    DirtyAccountFactory(what=DirtyAccount.Pass.VERDICTS)
    StepRunFactory(state="due")
    found = {name: one.count for name, one in waiting.stages(now()).items() if one.count}
    assert found == {"signals received": 2, "facts to project": 1, "verdicts to find": 1, "steps": 1}


def test_a_long_backlog_is_not_counted_to_its_end(monkeypatch: Any) -> None:
    monkeypatch.setattr(waiting, "MOST", 3)
    InboxRequestFactory.create_batch(6)
    assert waiting.stages(now())["signals received"].count == 4


def test_tells_when_a_worker_was_seen_last(client: Client) -> None:
    WorkerFactory(seen_at=ago(300))
    WorkerFactory(seen_at=ago(20))
    assert client.get("/healthz").json()["workers_seen_s"] == pytest.approx(20, abs=5)
    assert workers.living(now()).count() == 1
    assert workers.lost(now()).count() == 1


def test_a_worker_keeps_one_row_and_takes_it_along() -> None:
    long_gone = WorkerFactory(seen_at=ago(25 * 3600))
    me = WorkerFactory.build()
    for seconds in (20, 10):
        workers.seen(me.id, host="anchor-2", pid=7, started_at=ago(60), worked_at=None, at=ago(seconds))
    [row] = Worker.objects.all()
    assert (row.host, row.pid) == ("anchor-2", 7)
    assert row.id != long_gone.id
    workers.left(me.id)
    assert not Worker.objects.exists()


def test_only_an_absent_database_is_an_error(client: Client, monkeypatch: Any) -> None:
    def away(at: dt.datetime) -> None:
        raise DatabaseError

    monkeypatch.setattr("config.health.views.summary", away)
    response = client.get("/healthz")
    assert response.status_code == 503
    assert response.json() == {"status": "down", "oldest_due_s": None, "workers_seen_s": None}


def test_there_are_no_metrics_without_a_token(client: Client, settings: Any) -> None:
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_metrics_are_for_whoever_sends_the_token(client: Client, settings: Any) -> None:
    settings.METRICS_TOKEN = "only-prometheus-knows"
    for given in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer naïve"}):
        assert client.get("/metrics", headers=given).status_code == 401
    ReactionFactory(next_attempt_at=ago(90))
    ReactionFactory(state="dead")
    WorkerFactory(seen_at=now())
    text = client.get("/metrics", headers={"Authorization": "Bearer only-prometheus-knows"}).content.decode()
    assert "holdfast_database_up 1.0" in text
    assert "holdfast_workers_living 1.0" in text
    assert 'holdfast_waiting_rows{stage="reactions"} 1.0' in text
    assert 'holdfast_given_up_rows{stage="reactions"} 1.0' in text
    [age] = [
        line for line in text.splitlines() if line.startswith('holdfast_waiting_oldest_seconds{stage="reactions"}')
    ]
    assert float(age.split()[-1]) == pytest.approx(90, abs=5)


def test_metrics_tell_that_the_database_is_away(client: Client, settings: Any, monkeypatch: Any) -> None:
    def away(at: dt.datetime) -> None:
        raise DatabaseError

    settings.METRICS_TOKEN = "token"
    monkeypatch.setattr("config.health.metrics.state", away)
    response = client.get("/metrics", headers={"Authorization": "Bearer token"})
    assert response.status_code == 200
    assert "holdfast_database_up 0.0" in response.content.decode()


@pytest.mark.parametrize("role", ["operator", "administrator"])
def test_the_page_shows_operators_what_waits_and_who_works(role: str, starter: Any) -> None:
    InboxRequestFactory(received_at=ago(120))
    WorkerFactory(host="anchor-1", seen_at=now())
    WorkerFactory(host="anchor-2", seen_at=ago(200))
    text = console(role).get("/admin/health/").content.decode()
    for shown in ("Signals received", "Work does not move", "anchor-1", "Living", "anchor-2", "Lost"):
        assert shown in text


def test_the_page_of_an_idle_installation_says_how_to_start_a_worker(starter: Any) -> None:
    text = console("operator").get("/admin/health/").content.decode()
    assert "Nobody works" in text
    assert "No worker lives" in text


def test_the_page_is_not_for_everybody(starter: Any) -> None:
    csm = console("csm")
    assert csm.get("/admin/health/").status_code == 403
    assert "/admin/health/" not in csm.get("/admin/").content.decode()
    assert Client().get("/admin/health/").status_code == 302
