"""What the customer sees at their link, and what they may do there."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.foundation.clock import now
from accounts.foundation.models import AuditEntry
from accounts.stakeholders.links import sign
from retention.success_plans import links
from tests.factories import accounts, retention

pytestmark = pytest.mark.django_db


@pytest.fixture
def ines(northwind):
    return accounts.StakeholderFactory(account=northwind, name="Ines Albers")


@pytest.fixture
def plan(northwind):
    return retention.SuccessPlanFactory(account=northwind, name="First year")


@pytest.fixture
def link(plan, ines, amelia):
    return links.share(plan, stakeholder=ines, by=amelia, at=now())


@pytest.fixture
def task(plan, ines):
    return retention.PlanTaskFactory(plan=plan, their_owner=ines, title="Invite your admin")


def at(link) -> str:
    return f"/s/{sign('plan', link.nonce)}/"


def test_shows_what_is_shared_and_nothing_else(client, plan, link, task):
    retention.PlanObjectiveFactory(plan=plan, goal="A live campaign")
    hidden = retention.PlanObjectiveFactory(plan=plan, goal="Sell them more", is_shared=False)
    retention.PlanTaskFactory(plan=plan, objective=hidden, title="Ask for budget")
    retention.PlanTaskFactory(plan=plan, title="Our own reminder", is_shared=False)
    retention.PlanWinFactory(plan=plan, title="Secret win", is_shared=False)
    answer = client.get(at(link))
    text = answer.content.decode()
    assert "A live campaign" in text
    assert "Invite your admin" in text
    for secret in ("Sell them more", "Ask for budget", "Our own reminder", "Secret win"):
        assert secret not in text
    assert "noindex" in answer["X-Robots-Tag"]
    assert "no-store" in answer["Cache-Control"]
    assert "sessionid" not in answer.cookies


def test_a_tick_counts_in_the_name_of_the_stakeholder(client, link, task, ines):
    answer = client.post(at(link), {"task": task.pk, "version": 1})
    assert answer.status_code == 302
    task.refresh_from_db()
    assert (task.state, task.done_by, task.done_by_customer) == ("done", None, ines)
    entry = AuditEntry.objects.get(verb="task.finish")
    assert (entry.door, entry.actor_id) == ("shared", None)
    assert str(ines.pk) in entry.after["because"]


def test_whatever_is_not_theirs_is_refused(client, link, plan):
    others = retention.PlanTaskFactory(plan=plan)
    ours = retention.PlanTaskFactory(plan=plan, side="ours")
    elsewhere = retention.PlanTaskFactory()
    for number in (others.pk, ours.pk, elsewhere.pk, "", "x", "9" * 30):
        assert client.post(at(link), {"task": number, "version": 1}).status_code == 400
    assert not AuditEntry.objects.filter(verb="task.finish").exists()


def test_a_task_changed_meanwhile_is_shown_as_it_is(client, link, task):
    client.post(at(link), {"task": task.pk, "version": 1})
    assert client.post(at(link), {"task": task.pk, "version": 1}).status_code == 409


def test_a_form_of_another_site_ticks_nothing(link, task):
    assert Client(enforce_csrf_checks=True).post(at(link), {"task": task.pk, "version": 1}).status_code == 403
    task.refresh_from_db()
    assert task.is_open


def test_a_link_that_was_revoked_or_is_over_says_so(client, link, amelia):
    address = at(link)
    links.revoke(link, by=amelia, at=now())
    answer = client.get(address)
    assert answer.status_code == 410
    assert b"taken back" in answer.content
    assert client.post(address, {}).status_code == 410
    type(link).objects.update(revoked_at=None, ends_at=now(), made_at=now() - dt.timedelta(days=1))
    answer = client.get(address)
    assert (answer.status_code, b"is over" in answer.content) == (410, True)


def test_an_address_that_was_never_ours_opens_nothing(client, link):
    for token in (sign("plan", "guessed"), sign("other", link.nonce), at(link)[3:-2], "x", "x" * 300):
        assert client.get(f"/s/{token}/").status_code == 404


def test_whoever_left_the_customer_is_let_in_no_more(client, link, ines):
    type(ines).objects.filter(pk=ines.pk).update(left_at=now())
    assert client.get(at(link)).status_code == 410


def test_it_speaks_the_language_of_the_link(client, plan, ines, amelia, task):
    german = links.share(plan, stakeholder=ines, language="de", by=amelia, at=now())
    text = client.get(at(german)).content.decode()
    assert '<html lang="de">' in text
    assert "Als erledigt markieren" in text


def test_more_rows_cost_the_same_queries(client, plan, link, ines):
    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(at(link)).status_code == 200
        return len(asked)

    def add() -> None:
        objective = retention.PlanObjectiveFactory(plan=plan, their_owner=ines)
        retention.PlanTaskFactory.create_batch(3, plan=plan, objective=objective, their_owner=ines)
        retention.PlanWinFactory(plan=plan, thanks_to=ines)

    add()
    cost()
    few = cost()
    for _ in range(10):
        add()
    assert cost() == few
