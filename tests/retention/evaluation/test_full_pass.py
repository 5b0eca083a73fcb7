"""The nightly look at every account, and the page that tells when something had been missed."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from accounts.events.models import DirtyAccount
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account
from accounts.team.models import User
from accounts.workspace import services as workspace
from accounts.workspace.models import Workspace
from config import pipeline
from retention.evaluation import fullpass, incidents, passes
from retention.evaluation.models import Edge, FullPass, Incident, Standing
from tests.retention.evaluation.facts import AT, DAY, evaluate, know
from tests.retention.evaluation.rules import LOW, QUIET, SOON, watch

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(starter: Any) -> Account:
    return portfolio.create(name="Northwind Traders", by=None, at=AT)


@pytest.fixture
def alone(db: Any) -> Account:
    """An account in a workspace without any rule but those of the test."""
    workspace.found(company="Anchor Analytics", by=None, at=AT)
    return portfolio.create(name="Northwind Traders", by=None, at=AT)


def test_a_healthy_night_finds_nothing(account: Account) -> None:
    watch()
    know(account, active_users_30d=2)
    evaluate()
    report = fullpass.run(at=AT)
    assert (report.accounts, report.turned, report.missed.total()) == (1, 0, 0)
    [row] = FullPass.objects.all()
    assert (row.accounts, row.missed, row.finished_at is not None) == (1, 0, True)
    assert not Incident.objects.exists()


def test_what_waits_for_the_next_pass_is_not_missed(account: Account) -> None:
    watch()
    watch("play:quiet", QUIET)
    watch("play:soon", SOON)
    know(account, active_users_30d=2, last_active_at=AT, contract_end_date=(AT + 40 * DAY).date())
    assert fullpass.run(at=AT).missed.total() == 0
    evaluate()
    report = fullpass.run(at=AT + 20 * DAY)
    assert (report.turned, report.missed.total()) == (2, 0)
    assert set(Edge.objects.filter(at=AT + 20 * DAY).values_list("cause", flat=True)) == {"time"}


def test_what_was_missed_is_put_right_and_told(alone: Account) -> None:
    one = watch()
    know(alone, active_users_30d=2)
    DirtyAccount.objects.all().delete()
    fullpass.run(at=AT)
    assert Standing.objects.get(account=alone).is_true(one)
    assert FullPass.objects.get().missed == 1
    [incident] = Incident.objects.all()
    assert (incident.kind, incident.subject, incident.times) == ("missed", "play:low", 1)
    assert incident.details == ["1 verdict", "Northwind Traders: became true (play:low)"]


def test_a_wrong_time_to_wake_is_put_right_silently(account: Account) -> None:
    watch("play:quiet", QUIET)
    know(account, last_active_at=AT)
    evaluate()
    Standing.objects.update(wake_at=None)
    assert fullpass.run(at=AT).missed.total() == 0
    assert Standing.objects.get().wake_at == AT + 14 * DAY


def test_the_same_trouble_is_one_incident_until_somebody_looks_at_it(account: Account, olga: User) -> None:
    for _ in range(3):
        incidents.report("missed", "play:low", ["a line"] * 60, at=AT)
    [incident] = Incident.objects.all()
    assert (incident.times, len(incident.details), incident.details[-1]) == (3, 51, "… and 10 more")
    incidents.close(incident, by=olga, at=AT)
    incidents.report("missed", "play:low", ["again"], at=AT)
    assert Incident.objects.count() == 2


def test_it_runs_once_a_night_where_we_are(account: Account) -> None:
    Workspace.objects.update(time_zone="Pacific/Auckland")
    before, night = dt.datetime(2026, 6, 15, 14, 59, tzinfo=dt.UTC), dt.datetime(2026, 6, 15, 15, 0, tzinfo=dt.UTC)
    assert fullpass.is_due(at=night)
    FullPass.objects.create(started_at=before - DAY)
    assert fullpass.is_due(at=night)
    fullpass.run(at=night)
    assert not fullpass.is_due(at=night + dt.timedelta(hours=10))
    assert fullpass.is_due(at=night + DAY)


def test_the_job_looks_at_everything_once(account: Account) -> None:
    FullPass.objects.all().delete()
    know(account, active_users_30d=2)
    pipeline.nightly()
    first = FullPass.objects.count()
    pipeline.nightly()
    assert FullPass.objects.count() == first <= 1


def test_an_operator_sees_what_happened_and_closes_it(account: Account, olga: User, client: Client) -> None:
    watch()
    know(account, active_users_30d=2)
    DirtyAccount.objects.all().delete()
    fullpass.run(at=AT)
    client.force_login(olga)
    incident = Incident.objects.get(subject="play:low")
    page = client.get(f"/admin/retention/incident/{incident.pk}/change/").content.decode()
    assert "Northwind Traders: became true (play:low)" in page
    assert "put right" in page
    client.get(f"/admin/retention/incident/{incident.pk}/close/")
    incident.refresh_from_db()
    assert incident.closed_at is None, "reading a link closes nothing"
    client.post(f"/admin/retention/incident/{incident.pk}/close/")
    incident.refresh_from_db()
    assert incident.closed_by == olga
    assert "1" in client.get("/admin/retention/fullpass/").content.decode()


def test_a_csm_neither_sees_nor_closes_incidents(account: Account, amelia: User, client: Client) -> None:
    incident = incidents.report("missed", "play:low", ["a line"], at=AT)
    client.force_login(amelia)
    for page in ("incident/", f"incident/{incident.pk}/change/", "watch/", "fullpass/"):
        assert client.get(f"/admin/retention/{page}").status_code in (403, 404)
    assert b"Incidents" not in client.get("/admin/").content
    client.post(f"/admin/retention/incident/{incident.pk}/close/")
    incident.refresh_from_db()
    assert incident.closed_at is None


def test_rules_are_told_in_words(account: Account, olga: User, client: Client) -> None:
    watch("play:slow", LOW, SOON, enter_after_days=14)
    client.force_login(olga)
    page = client.get("/admin/retention/watch/", {"q": "play:slow"}).content.decode()
    assert "Active users is below 3, for at least 14 days" in page
    assert "held:" not in page


def test_a_whole_book_falls_silent_and_comes_back_without_an_edge(db: Any) -> None:
    workspace.found(company="Anchor Analytics", by=None, at=AT)
    accounts = [portfolio.create(name=f"Account {number}", by=None, at=AT) for number in range(40)]
    watch()
    watch("play:not", {"not": LOW})
    watch("play:held", LOW | {"heldFor": {"days": 1}})
    for number, account in enumerate(accounts):
        know(account, active_users_30d=number % 6)
    evaluate()
    evaluate(AT + DAY)
    for known in (False, True):
        for number, account in enumerate(accounts):
            know(account, active_users_30d=number % 6 if known else None)
        assert evaluate(AT + 2 * DAY) == []
    assert passes.evaluate_dirty(at=AT + 30 * DAY) == 0
