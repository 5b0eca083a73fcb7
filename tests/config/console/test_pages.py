"""Every page of the console, as each role meets it."""

from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.foundation.clock import now
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account
from accounts.portfolio.registry import TABS
from accounts.team.models import User
from plays.definitions.models import Play
from retention.work import services as work
from retention.work.models import WorkItem
from tests.cast import person, send, usage
from tests.factories.accounts import StakeholderFactory

pytestmark = pytest.mark.django_db

LISTS = sorted(model._meta.label_lower.replace(".", "_") for model in admin.site._registry)


@pytest.fixture
def dropped(client: Client, ingest_key: str, northwind: Account, usage_drop: Play, pump: Any) -> WorkItem:
    send(client, ingest_key, [*usage(), {"type": "group", "userId": "x", "groupId": "who?", "messageId": "q"}])
    pump()
    return WorkItem.objects.get()


def page_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("role", ["csm", "ae", "cs_manager", "operator", "leader", "administrator"])
def test_every_role_opens_its_home_and_every_list_it_is_shown(dropped: WorkItem, role: str) -> None:
    user = person(f"some-{role.replace('_', '-')}", role=role, group=None)
    client = page_of(user)
    home = client.get("/admin/")
    assert home.status_code == 200
    for name in LISTS:
        link = reverse(f"admin:{name}_changelist")
        shown = f'href="{link}"' in home.content.decode()
        status = client.get(link).status_code
        assert status == 200 if shown else status in (200, 403), (role, link, status)


def test_an_administrator_opens_one_row_of_every_list(dropped: WorkItem) -> None:
    client = page_of(person("root", role="administrator", group=None))
    opened = 0
    for model in admin.site._registry:
        row = model._default_manager.first()
        if row is None:
            continue
        response = client.get(reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_change", args=[row.pk]))
        assert response.status_code == 200, model
        opened += 1
    assert opened >= 12


@pytest.mark.parametrize("tab", TABS)
def test_each_tab_of_the_account_page_opens(dropped: WorkItem, amelia: User, tab: str) -> None:
    response = page_of(amelia).get(f"/admin/accounts/account/{dropped.account_id}/change/?tab={tab}")
    assert response.status_code == 200
    assert "Northwind Traders" in response.content.decode()


def test_an_unknown_tab_is_not_found(dropped: WorkItem, amelia: User) -> None:
    assert page_of(amelia).get(f"/admin/accounts/account/{dropped.account_id}/change/?tab=x").status_code == 404


def test_nobody_without_a_role_sees_anything(dropped: WorkItem, starter: Any) -> None:
    user = User.objects.create_user("norole", is_staff=True)
    client = page_of(user)
    assert "Northwind" not in client.get("/admin/").content.decode()
    assert client.get("/admin/accounts/account/").status_code == 403


def test_another_teams_rows_read_as_absent_at_every_own_page(dropped: WorkItem, carla: User) -> None:
    client = page_of(carla)
    account, item = dropped.account_id, dropped.pk
    for path in (f"account/{account}/change/", f"account/{account}/edit/"):
        assert client.get(f"/admin/accounts/{path}").status_code == 404, path
    assert client.get(f"/admin/retention/workitem/{item}/change/").status_code == 404
    for verb in ("close", "delegate", "snooze"):
        response = client.post(f"/admin/retention/workitem/{item}/{verb}/", {"outcome": "done"})
        assert response.status_code == 404, verb
    dropped.refresh_from_db()
    assert dropped.is_open
    made = client.post(
        "/admin/retention/workitem/add/", {"account": account, "title": "x", "due_at": "2030-01-01T10:00"}
    )
    assert made.status_code == 400
    assert WorkItem.objects.count() == 1


def test_a_leader_reads_work_and_cannot_close_it(dropped: WorkItem) -> None:
    client = page_of(person("lea", role="leader", group=None))
    assert "Your role may read this" in client.get(f"/admin/retention/workitem/{dropped.pk}/change/").content.decode()
    assert client.post(f"/admin/retention/workitem/{dropped.pk}/close/", {"outcome": "done"}).status_code == 404
    dropped.refresh_from_db()
    assert dropped.is_open


def test_closing_what_somebody_closed_meanwhile_says_who_and_changes_nothing(
    dropped: WorkItem, amelia: User, bruno: User
) -> None:
    client = page_of(amelia)
    work.close(dropped, outcome="done", by=bruno, at=now())
    response = client.post(f"/admin/retention/workitem/{dropped.pk}/close/", {"outcome": "no_answer"})
    assert response.status_code == 400
    dropped.refresh_from_db()
    assert (dropped.outcome, dropped.closed_by) == ("done", bruno)


def test_editing_an_account_writes_the_change_and_its_trail(northwind: Account, amelia: User) -> None:
    client = page_of(amelia)
    form = {"name": "Northwind Traders", "state": "active", "industry": "Logistics", "employees": "240"}
    response = client.post(f"/admin/accounts/account/{northwind.pk}/edit/", form)
    assert response.status_code == 302
    northwind.refresh_from_db()
    assert (northwind.industry, northwind.employees) == ("Logistics", 240)
    history = client.get(f"/admin/accounts/account/{northwind.pk}/change/?tab=history").content.decode()
    assert "Logistics" in history


def test_assigning_a_csm_moves_the_account_into_their_book(northwind: Account, bruno: User, carla: User) -> None:
    path = f"/admin/accounts/account/{northwind.pk}/assign/"
    assert page_of(carla).post(path, {"part": "csm", "user": carla.pk}).status_code == 404
    assert page_of(bruno).post(path, {"part": "csm", "user": carla.pk}).status_code == 302
    assert Account.objects.for_user(carla).get() == northwind


def test_a_wrong_field_is_named_and_nothing_is_written(northwind: Account, amelia: User) -> None:
    response = page_of(amelia).post(
        f"/admin/accounts/account/{northwind.pk}/edit/",
        {"name": "", "state": "active", "time_zone": "Mars/Olympus", "employees": "-3"},
    )
    assert response.status_code == 400
    text = response.content.decode()
    assert "This field is required." in text
    assert "Mars/Olympus is no time zone" in text
    northwind.refresh_from_db()
    assert northwind.name == "Northwind Traders"


def test_activating_a_play_on_its_page_watches_its_trigger(starter: Any, olga: User, amelia: User) -> None:
    play = Play.objects.get(key="usage_drop")
    assert page_of(amelia).post(f"/admin/plays/play/{play.pk}/switch/").status_code == 404
    assert page_of(olga).post(f"/admin/plays/play/{play.pk}/switch/").status_code == 302
    play.refresh_from_db()
    assert play.is_active


def grow(count: int, amelia: User) -> None:
    for number in range(count):
        account = portfolio.create(name=f"Account {number}", by=None, at=now())
        portfolio.assign(account, part="csm", user=amelia, by=None, at=now())
        work.open_item(account, title=f"Call {number}", due_at=now(), assignee=amelia, by=None, at=now())


@pytest.mark.parametrize("path", ["/admin/", "/admin/accounts/account/", "/admin/retention/workitem/"])
def test_ten_or_forty_rows_cost_the_same_queries(path: str, starter: Any, amelia: User, pump: Any) -> None:
    client = page_of(amelia)
    counts = []
    for more in (10, 30):
        grow(more, amelia)
        pump()
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[1] <= 30


def test_an_account_leaves_the_home_as_soon_as_its_work_is_closed(dropped: WorkItem, amelia: User) -> None:
    client = page_of(amelia)
    assert "Usage drop:" in client.get("/admin/").content.decode()
    client.post(f"/admin/retention/workitem/{dropped.pk}/close/", {"outcome": "done"})
    assert "Usage drop:" not in client.get("/admin/").content.decode()


@pytest.mark.parametrize("verb", ["close", "wait"])
def test_reloading_after_a_refused_form_leads_back_to_the_work(dropped: WorkItem, amelia: User, verb: str) -> None:
    response = page_of(amelia).get(f"/admin/retention/workitem/{dropped.pk}/{verb}/")
    assert response.status_code == 302
    assert response["Location"].endswith(f"/workitem/{dropped.pk}/change/")


def test_whoever_is_handed_work_sees_its_account(dropped: WorkItem, amelia: User, carla: User) -> None:
    work.reassign(dropped, to=carla, by=amelia, at=now())
    client = page_of(carla)
    assert client.get(f"/admin/retention/workitem/{dropped.pk}/change/").status_code == 200
    assert client.get(f"/admin/accounts/account/{dropped.account_id}/change/").status_code == 200


def test_what_is_not_theirs_is_a_page_with_a_way_home(dropped: WorkItem, carla: User) -> None:
    page = page_of(carla).get(f"/admin/accounts/account/{dropped.account_id}/change/")
    assert page.status_code == 404
    text = page.content.decode()
    assert "not yours to see" in text
    assert "Northwind" not in text
    forbidden = page_of(carla).get("/admin/accounts/apikey/")
    assert forbidden.status_code == 403
    assert "Your role does not open this page" in forbidden.content.decode()


def test_a_row_of_another_team_is_told_like_one_that_never_was(
    dropped: WorkItem, northwind: Account, carla: User
) -> None:
    theirs = StakeholderFactory(account=northwind)
    told = {}
    for pk in (theirs.pk, 999_999):
        answer = page_of(carla).get(f"/admin/accounts/stakeholder/{pk}/change/", follow=True)
        told[pk] = [str(message) for message in answer.context["messages"]]
    assert told[theirs.pk] == told[999_999] == ["There is no such stakeholder, or it is not yours to see."]


def test_the_play_page_says_when_a_step_is_urgent(starter: Any, olga: User) -> None:
    play = Play.objects.get(key="usage_drop")
    text = page_of(olga).get(f"/admin/plays/play/{play.pk}/change/").content.decode()
    assert "Change in active users is below −30 %" in text
    assert "Change in active users is below −50 %" in text


def test_the_history_names_people_and_writes_times(dropped: WorkItem, amelia: User) -> None:
    client = page_of(amelia)
    client.post(f"/admin/retention/workitem/{dropped.pk}/close/", {"outcome": "done"})
    text = client.get(f"/admin/accounts/account/{dropped.account_id}/change/?tab=history").content.decode()
    assert "Closed by" in text
    assert '<td data-label="After">Amelia Tester</td>' in text
    assert f'<td data-label="After">{now():%d %b %Y}' in text


@pytest.mark.parametrize("path", ["/v1/nonsense", "/v1/", "/api/v1/nonsense/", "/api/"])
def test_an_address_for_machines_that_does_not_exist_answers_json(path: str, client: Client) -> None:
    response = client.post(path, "{}", content_type="application/json")
    assert response.status_code == 404
    assert {"code", "message"} <= response.json().keys()


def test_the_health_page_refuses_other_verbs_in_json(client: Client) -> None:
    assert client.get("/healthz").json()["status"] == "ok"
    assert client.post("/healthz").status_code == 405
    assert client.post("/healthz").json()["code"] == "method_not_allowed"


def test_the_first_superuser_of_an_empty_installation_is_told_what_to_do(starter: Any) -> None:
    text = page_of(User.objects.create_superuser("root")).get("/admin/").content.decode()
    assert "No system sends signals yet" in text
    assert "No play is active" in text
    assert "Nothing is waiting for you" in text
