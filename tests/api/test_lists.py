"""Lists: complete page by page, in a stable order, at a price that does not grow with the rows."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.facts.lookup import catalogue
from accounts.portfolio.models import Account
from accounts.workspace.queries import base_currency
from config.api.urls import router
from plays.runs.models import StepRun
from tests.api.clock_rows import CLOCKS, WORK
from tests.api.commerce import COMMERCE
from tests.api.conforming import conforms
from tests.api.conftest import problems
from tests.api.handoff_rows import HANDOFFS
from tests.api.health_rows import HEALTH
from tests.api.lifecycle_rows import LIFECYCLES
from tests.api.outbox_rows import OUTBOX
from tests.api.plan_rows import HOURS, PLANS
from tests.api.risk_rows import RISKS
from tests.api.segment_rows import SEGMENTS
from tests.api.touch_rows import TOUCHES
from tests.api.trail_rows import TRAIL
from tests.factories import accounts, plays, retention

AT = dt.datetime(2026, 3, 4, 10, tzinfo=dt.UTC)


def an_account(number: int) -> None:
    account = accounts.AccountFactory(parent=Account.objects.filter(parent=None).first() if number % 3 else None)
    for part in ("csm", "ae"):
        accounts.AccountMemberFactory(account=account, part=part)
    accounts.ExternalIdFactory.create_batch(2, account=account)
    accounts.AccountFactsFactory(account=account, stage="adopted")


def a_stakeholder(number: int) -> None:
    person = accounts.StakeholderFactory()
    for role, topic in (("champion", "events"), ("admin", "training")):
        accounts.StakeholderRoleFactory(stakeholder=person, role=role)
        accounts.StakeholderTopicFactory(stakeholder=person, topic=topic)


def a_team(number: int) -> None:
    team = accounts.TeamFactory(manager=accounts.UserFactory(is_staff=True))
    accounts.UserFactory.create_batch(2, team=team, is_staff=True)


def a_user(number: int) -> None:
    accounts.UserFactory(is_staff=True, team=accounts.TeamFactory(), role=accounts.RoleFactory())


def a_play(number: int) -> None:
    for version in (1, 2):
        published = plays.PlayVersionFactory(
            number=version, **({} if version == 1 else {"play": plays.Play.objects.latest("pk")})
        )
        plays.StepDefinitionFactory.create_batch(2, version=published)


def a_run(number: int) -> None:
    run = plays.RunFactory()
    for _ in range(2):
        plays.StepRunFactory(run=run, work_item=retention.WorkItemFactory(), state=StepRun.State.WAITING)


MADE: dict[str, Callable[[int], Any]] = {
    "accounts": an_account,
    "external-ids": lambda number: accounts.ExternalIdFactory(),
    "stakeholders": a_stakeholder,
    "person-requests": lambda number: accounts.PersonRequestFactory(by=accounts.UserFactory()),
    **COMMERCE,
    **TOUCHES,
    **CLOCKS,
    "sources": lambda number: accounts.SourceFactory(),
    "features": lambda number: accounts.FeatureFactory(),
    "milestones": lambda number: accounts.MilestoneFactory(),
    "page-intents": lambda number: accounts.PageIntentFactory(),
    "event-names": lambda number: accounts.EventNameFactory(),
    "history-counts": lambda number: accounts.HistoryCountFactory(),
    "product-users": lambda number: accounts.ProductUserFactory(),
    "arr-movements": lambda number: accounts.ArrMovementFactory(),
    "custom-facts": lambda number: accounts.CustomFactFactory(),
    "quarantined-items": lambda number: accounts.QuarantinedItemFactory(),
    **OUTBOX,
    "users": a_user,
    "teams": a_team,
    **TRAIL,
    "absences": lambda number: accounts.AbsenceFactory(),
    **HEALTH,
    **HANDOFFS,
    **RISKS,
    **LIFECYCLES,
    **SEGMENTS,
    **PLANS,
    **WORK,
    **HOURS,
    "plays": a_play,
    "decisions": lambda number: plays.DecisionFactory(),
    "runs": a_run,
}
OF_ONE_ACCOUNT = {"coverage", "facts", "fit", "milestone-status", "timeline"}
WRITTEN_IN_CODE = {"onboarding-measures", "fact-definitions", "ideal-profile", "preview", "limits", "retention-periods"}
OF_ONE_AUDIENCE = {"members"}
ONLY_VERBS = {"bulk", "merge", "start"}
DEAD_LETTERS = {"dead-letters", r"(?P<kind>[\w-]+)"}


@pytest.fixture
def api(with_key):
    return with_key("admin")


def test_every_list_is_asked():
    asked = MADE.keys() | OF_ONE_ACCOUNT | OF_ONE_AUDIENCE | WRITTEN_IN_CODE | ONLY_VERBS | DEAD_LETTERS
    assert {prefix.rpartition("/")[2] for prefix, _, _ in router.registry} == asked


def cost(api: Any, path: str) -> tuple[int, int]:
    """How many rows a page of `path` has, and how many queries it takes once the process is warm."""
    base_currency()
    catalogue()
    with CaptureQueriesContext(connection) as queries:
        rows = api.list(path, limit=500)
    return len(rows), len(queries)


@pytest.mark.parametrize("prefix", MADE)
def test_a_hundred_rows_cost_the_queries_of_ten(api, prefix):
    api.get("me/")
    for number in range(10):
        MADE[prefix](number)
    few, queries_of_few = cost(api, f"{prefix}/")
    for number in range(90):
        MADE[prefix](number)
    many, queries_of_many = cost(api, f"{prefix}/")
    assert 10 <= few < 100 <= many
    assert queries_of_many == queries_of_few <= 10


def test_a_large_audience_costs_the_queries_of_a_small_one(api):
    retention.AudienceFactory(key="champions", needs_email=False)
    api.get("me/")
    for number in range(10):
        a_stakeholder(number)
    few = cost(api, "audiences/champions/members/")
    for number in range(90):
        a_stakeholder(number)
    many = cost(api, "audiences/champions/members/")
    assert (few[0], many[0]) == (10, 100)
    assert few[1] == many[1]
    whole = api.list("audiences/champions/members/", limit=500)
    assert pages(api, "audiences/champions/members/", limit=7) == whole


def test_a_long_timeline_costs_the_queries_of_a_short_one(api, amelia):
    account = accounts.AccountFactory()
    api.get("me/")

    def tell(count: int) -> None:
        for _ in range(count):
            data = {"part": "csm", "user": amelia.pk}
            accounts.AccountEventFactory(account=account, kind="account.assigned", data=data, actor=amelia)

    tell(10)
    few = cost(api, f"accounts/{account.key}/timeline/")
    tell(90)
    many = cost(api, f"accounts/{account.key}/timeline/")
    assert (few[0], many[0]) == (10, 100)
    assert few[1] == many[1]


def pages(api: Any, path: str, **parameters: Any) -> list[Any]:
    """All rows of a list, following `next` to its end."""
    found, response = [], api.get(path, **parameters)
    while True:
        assert response.status_code == 200, response.content
        body = response.json()
        found += body["results"]
        if body["next"] is None:
            return found
        assert len(body["results"]) == int(parameters["limit"])
        response = api.client.get(body["next"], headers=api.headers)


@pytest.mark.parametrize("prefix", MADE)
def test_pages_hold_every_row_once(api, prefix):
    for number in range(7):
        MADE[prefix](number)
    whole = api.list(f"{prefix}/", limit=500)
    assert pages(api, f"{prefix}/", limit=2) == whole
    assert len({str(row) for row in whole}) == len(whole) >= 7


def test_rows_of_one_instant_are_not_lost_between_pages(api):
    for days in (3, 1, 1, 1, 2):
        retention.WorkItemFactory(due_at=AT + dt.timedelta(days=days))
    due = [item["due_at"][8:10] for item in pages(api, "work-items/", limit=2)]
    assert due == ["05", "05", "05", "06", "07"]


def test_what_happened_last_comes_first(api):
    account = accounts.AccountFactory()
    for days in (2, 5, 5, 1):
        accounts.AccountEventFactory(account=account, at=AT + dt.timedelta(days=days))
    told = pages(api, f"accounts/{account.key}/timeline/", limit=1)
    assert [entry["at"][8:10] for entry in told] == ["09", "09", "06", "05"]


def test_rows_that_come_meanwhile_do_not_move_the_pages(api):
    for number in range(4):
        an_account(number)
    first = api.get("accounts/", limit=2).json()
    an_account(5)
    rest = pages_from(api, first["next"])
    keys = [account["key"] for account in first["results"] + rest]
    assert len(keys) == len(set(keys)) == 5


def pages_from(api: Any, address: str) -> list[Any]:
    body = api.client.get(address, headers=api.headers).json()
    return body["results"] + (pages_from(api, body["next"]) if body["next"] else [])


def test_filters_hold_on_every_page(api):
    for state in ("active", "churned", "active", "active"):
        accounts.AccountFactory(state=state)
    assert {account["state"] for account in pages(api, "accounts/", limit=1, state="active")} == {"active"}


def test_archived_and_merged_accounts_are_read_by_key_alone(api):
    into = accounts.AccountFactory()
    gone = accounts.AccountFactory(merged_into=into)
    old = accounts.AccountFactory(archived_at=AT)
    assert [account["key"] for account in api.list("accounts/")] == [into.key]
    assert api.one(f"accounts/{gone.key}/")["key"] == into.key
    assert api.one(f"accounts/{old.key}/")["archived_at"] is not None


def test_the_cursor_of_another_order_is_refused(api):
    for _ in range(2):
        retention.WorkItemFactory()
        accounts.AccountFactory()
    cursor = api.get("accounts/", limit=1).json()["next"].partition("cursor=")[2].partition("&")[0]
    assert "cursor" in problems(api.get("work-items/", cursor=cursor))


def test_a_play_shows_its_latest_version(api):
    a_play(1)
    shown = api.one(f"plays/{plays.Play.objects.latest('pk').key}/")
    assert shown["version"]["number"] == 2
    assert len(shown["version"]["steps"]) == 2


def test_a_lifecycle_shows_its_latest_version(api):
    first = retention.LifecycleVersionFactory()
    retention.StageFactory(version=first, key="old")
    latest = retention.LifecycleVersionFactory(lifecycle=first.lifecycle, number=2)
    retention.StageFactory(version=latest, key="new")
    shown = api.one(f"lifecycles/{first.lifecycle.key}/")
    assert (shown["version"], [stage["key"] for stage in shown["stages"]]) == (2, ["new"])


@pytest.mark.parametrize("prefix", MADE)
def test_answers_are_what_the_document_says(api, document, prefix):
    for number in range(3):
        MADE[prefix](number)
    rows = api.list(f"{prefix}/")
    conforms(document, f"/api/v1/{prefix}/", {"next": None, "results": rows})
    for name in ("key", "username", "id"):
        if f"/api/v1/{prefix}/{{{name}}}/" in document["paths"]:
            one = api.one(f"{prefix}/{rows[0][name]}/")
            conforms(document, f"/api/v1/{prefix}/{{{name}}}/", one)
            assert rows[0].items() <= one.items()


def test_answers_about_one_account_are_what_the_document_says(api, document, amelia):
    account = accounts.AccountFactsFactory(active_users_30d=2, arr_minor=100, contract_end_date=AT.date()).account
    accounts.AccountEventFactory(account=account, actor=amelia)
    for below in ("facts", "timeline"):
        rows = api.list(f"accounts/{account.key}/{below}/")
        assert rows
        conforms(document, f"/api/v1/accounts/{{account}}/{below}/", {"next": None, "results": rows})
    conforms(document, "/api/v1/fact-definitions/", {"next": None, "results": api.list("fact-definitions/")})
    conforms(document, "/api/v1/me/", api.one("me/"))


def test_answers_without_what_may_be_missing_are_what_the_document_says(as_user, with_key, document, olga, product):
    conforms(document, "/api/v1/me/", as_user(olga).one("me/"))
    bare = [accounts.TeamFactory(), accounts.AccountFactory(), plays.PlayFactory(), retention.LifecycleFactory()]
    for row, prefix in zip(bare, ("teams", "accounts", "plays", "lifecycles"), strict=True):
        conforms(document, f"/api/v1/{prefix}/{{key}}/", with_key("read").one(f"{prefix}/{row.key}/"))
    rows = with_key("read").list(f"accounts/{bare[1].key}/facts/")
    assert {row["value"] for row in rows} == {None}
    conforms(document, "/api/v1/accounts/{account}/facts/", {"next": None, "results": rows})
