"""My work in the console: each verb in one interaction, many at once, undone where it can be; how one hears of it."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.foundation.clock import now
from accounts.outbox import choices
from accounts.portfolio.models import Account
from accounts.team.models import User
from retention.work.models import CalendarFeed, WorkComment, WorkItem, WorkTime
from tests.cast import person
from tests.factories.accounts import AccountFactory, AccountMemberFactory
from tests.factories.retention import WorkItemFactory

pytestmark = pytest.mark.django_db
FETCHED = {"X-Requested-With": "fetch"}
DAY = dt.timedelta(days=1)


def page_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def item(northwind: Account, amelia: User) -> WorkItem:
    return WorkItemFactory(account=northwind, assignee=amelia, title="Call Sam", due_at=now() - DAY)


@pytest.fixture
def hers(amelia: User) -> Client:
    return page_of(amelia)


def do(client: Client, item: WorkItem, verb: str, **body: Any) -> Any:
    return client.post(f"/admin/retention/workitem/{item.pk}/{verb}/", body, headers=FETCHED)


def take_back(client: Client, answer: Any) -> Any:
    told = answer.json()
    return client.post(told["undo_at"], {"undo": told["undo"]}, headers=FETCHED)


def again(item: WorkItem) -> WorkItem:
    return WorkItem.objects.get(pk=item.pk)


def test_the_page_says_account_reason_and_time(item, hers):
    text = hers.get("/admin/retention/workitem/mine/").content.decode()
    for words in ("Call Sam", "Northwind Traders", "Overdue", "Added by a person"):
        assert words in text
    assert "Call Sam" not in hers.get("/admin/retention/workitem/mine/?view=today").content.decode()


def test_another_team_sees_none_of_it(item, carla):
    text = page_of(carla).get("/admin/retention/workitem/mine/?view=nobody").content.decode()
    assert "Northwind" not in text


@pytest.mark.parametrize("verb", ["complete", "snooze", "wake", "take", "delegate", "comment", "minutes"])
def test_work_of_another_team_is_absent_for_every_verb(item, carla, verb):
    assert do(page_of(carla), item, verb, outcome="done", preset="week").status_code == 404
    assert again(item).is_open


def test_a_snooze_is_one_button_and_can_be_undone(item, hers):
    answer = do(hers, item, "snooze", preset="tomorrow")
    assert answer.status_code == 200
    assert again(item).snoozed_until > now()
    assert take_back(hers, answer).status_code == 200
    assert again(item).snoozed_until is None


def test_a_snooze_without_a_time_says_so_beside_the_field(item, hers):
    answer = do(hers, item, "snooze")
    assert answer.status_code == 400
    assert "Choose until when" in answer.content.decode()


def test_a_delegation_is_undone_unless_somebody_moved_it_on(item, hers, amelia, bruno):
    answer = do(hers, item, "delegate", to=bruno.pk, note="You know them.")
    assert again(item).assignee == bruno
    assert take_back(hers, answer).status_code == 200
    assert again(item).assignee == amelia
    assert take_back(hers, answer).status_code == 409


def test_a_colleague_who_does_not_see_the_account_cannot_be_chosen(item, hers, carla):
    answer = do(hers, item, "delegate", to=carla.pk)
    assert answer.status_code == 400
    assert again(item).assignee != carla


def test_what_somebody_else_did_is_not_undone(item, hers, bruno):
    answer = do(hers, item, "snooze", preset="week")
    assert take_back(page_of(bruno), answer).status_code == 409
    assert again(item).snoozed_until is not None


def test_comments_and_minutes_are_added_and_taken_back(item, hers):
    for verb, body, model in (
        ("comment", {"text": "Tried twice"}, WorkComment),
        ("minutes", {"minutes": "15"}, WorkTime),
    ):
        answer = do(hers, item, verb, **body)
        assert answer.status_code == 200
        assert model.objects.count() == 1
        assert take_back(hers, answer).status_code == 200
        assert not model.objects.exists()


def test_only_what_a_rule_raised_can_be_a_false_alarm(item, hers):
    answer = do(hers, item, "complete", outcome="false_alarm", note="x")
    assert answer.status_code == 400
    assert do(hers, item, "complete", outcome="done", minutes="5").status_code == 200
    assert (again(item).outcome, again(item).minutes) == ("done", 5)


def test_many_are_done_together_or_not_at_all(item, hers, amelia, bruno):
    far = AccountFactory(name="Far away")  # bruno does not see it
    AccountMemberFactory(account=far, user=amelia, part="backup")
    other = WorkItemFactory(account=far, assignee=amelia, title="Elsewhere", due_at=now() + DAY)
    AccountMemberFactory(account=item.account, user=bruno, part="backup")
    address = f"/admin/retention/workitem/many/snooze/?ids={item.pk},{other.pk}"
    plan = hers.get(address, headers=FETCHED).content.decode()
    assert "2 pieces of work" in plan
    assert "1 overdue" in plan
    answer = hers.post(address, {"preset": "week"}, headers=FETCHED)
    assert answer.status_code == 200
    assert not WorkItem.objects.filter(snoozed_until=None).exists()
    take_back(hers, answer)
    assert not WorkItem.objects.exclude(snoozed_until=None).exists()


def test_closing_many_where_one_lacks_a_note_closes_none(item, hers, amelia):
    other = WorkItemFactory(account=item.account, assignee=amelia, due_at=now())
    address = f"/admin/retention/workitem/many/complete/?ids={item.pk},{other.pk}"
    refused = hers.post(address, {"outcome": "not_needed"}, headers=FETCHED)
    assert refused.status_code == 400
    assert WorkItem.objects.filter(state="open").count() == 2
    assert hers.post(address, {"outcome": "not_needed", "note": "Merged"}, headers=FETCHED).status_code == 200
    assert not WorkItem.objects.filter(state="open").exists()


def test_a_long_list_costs_the_queries_of_a_short_one(item, hers, amelia):
    def cost(path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert hers.get(path).status_code == 200
        return len(queries)

    paths = ("/admin/retention/workitem/mine/", "/admin/")
    WorkItemFactory.create_batch(4, account=item.account, assignee=amelia, due_at=now())
    for path in paths:
        cost(path)  # what a process keeps is read once
    few = [cost(path) for path in paths]
    WorkItemFactory.create_batch(30, account=item.account, assignee=amelia, due_at=now())
    assert [cost(path) for path in paths] == few


def test_a_manager_finds_the_load_of_the_team_at_home(item, bruno):
    text = page_of(bruno).get("/admin/").content.decode()
    assert "My team" in text
    assert "Amelia Tester" in text


def test_one_chooses_how_one_hears_of_things(hers, amelia):
    ways = {name: way.value for name, way in choices.ways_of([amelia])[amelia.pk].items()}
    saved = hers.post("/admin/notices/", {**ways, "comment": "none", "digest_hour": "6"})
    assert saved.status_code == 302
    assert choices.ways_of([amelia])[amelia.pk]["comment"] == "none"
    assert choices.digest_hour(amelia) == 6
    assert hers.post("/admin/notices/", {**ways, "comment": "pigeon", "digest_hour": "6"}).status_code == 400
    assert hers.get(f"/admin/notices/role/{amelia.role_id}/").status_code == 403


def test_the_address_of_a_calendar_is_made_and_revoked(hers, amelia):
    hers.post("/admin/calendar/")
    assert "/calendar/" in hers.get("/admin/calendar/").content.decode()
    hers.post("/admin/calendar/", {"revoke": "1"})
    assert not CalendarFeed.objects.exists()
    assert "Make an address" in hers.get("/admin/calendar/").content.decode()


def test_work_that_nobody_has_is_taken_once(northwind, hers, amelia, bruno):
    item = WorkItemFactory(account=northwind, assignee=None, title="Call Sam")
    assert do(hers, item, "take").status_code == 200
    assert again(item).assignee == amelia
    assert do(page_of(bruno), item, "take").status_code == 409


def test_snoozed_work_is_woken(item, hers):
    do(hers, item, "snooze", preset="tomorrow")
    assert again(item).snoozed_until is not None
    assert do(hers, item, "wake").status_code == 200
    assert again(item).snoozed_until is None


def test_an_administrator_decides_how_a_role_hears_of_things(amelia):
    boss = page_of(person("root", role="administrator", group=None))
    ways = {name: way.value for name, way in choices.of_role(amelia.role).items()}
    assert boss.post(f"/admin/notices/role/{amelia.role_id}/", {**ways, "comment": "none"}).status_code == 302
    assert choices.ways_of([amelia])[amelia.pk]["comment"] == "none"
