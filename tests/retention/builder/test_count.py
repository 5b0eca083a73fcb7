"""How many accounts match now: over the accounts one may see, unknown kept apart, bounded in time."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.foundation.clock import now
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account
from accounts.portfolio.queries import listed
from accounts.team.models import Role, User
from retention.conditions.check import parse
from retention.evaluation import counting
from retention.evaluation.rules import catalogue
from tests.retention.evaluation.facts import DAY, know

pytestmark = pytest.mark.django_db
FEW = {"fact": "active_users_30d", "operator": "lessThan", "value": 5}


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def ask(user: User, condition: Any) -> Any:
    return signed_in(user).post("/admin/conditions/count/", {"condition": json.dumps(condition)})


def account(name: str, users: int | None, *, csm: User | None = None) -> Account:
    made = portfolio.create(name=name, by=None, at=now())
    if csm:
        portfolio.assign(made, part="csm", user=csm, by=None, at=now())
    know(made, active_users_30d=users)
    return made


@pytest.fixture
def reading_csm(amelia: User) -> User:
    """A CSM whose role also lets her read definitions."""
    role = Role.objects.get(key="csm")
    role.grants.update_or_create(area="definitions", defaults={"reach": "all", "access": "view"})
    return User.objects.get(pk=amelia.pk)


def test_tells_how_many_match_for_how_many_nobody_can_tell_and_why(olga: User) -> None:
    account("Few", 2), account("Many", 9), account("Dark", None)
    told = ask(olga, FEW).json()
    assert (told["matching"], told["unknown"], told["of"]) == (1, 1, 3)
    assert told["sentence"] == "1 of 3 accounts matches now."
    assert told["notes"] == ["Nobody can tell for 1: something it asks is unknown there."]
    assert [(one["name"], one["why"]) for one in told["examples"]] == [("Few", "Active users 2 (is below 5)")]


def test_counts_and_shows_nothing_of_another_team(reading_csm: User, carla: User) -> None:
    account("Hers", 2, csm=reading_csm), account("Theirs", 2, csm=carla), account("Nobody's", None)
    answer = ask(reading_csm, FEW)
    assert (answer.json()["matching"], answer.json()["unknown"], answer.json()["of"]) == (1, 0, 1)
    assert "Theirs" not in answer.content.decode()


def test_archived_accounts_are_left_out(olga: User) -> None:
    made = account("Gone", 1)
    Account.objects.filter(pk=made.pk).update(archived_at=now())
    assert ask(olga, FEW).json()["of"] == 0


def test_whoever_may_not_read_definitions_gets_nothing(amelia: User) -> None:
    Role.objects.get(key="csm").grants.filter(area="definitions").delete()
    client = signed_in(User.objects.get(pk=amelia.pk))
    assert client.post("/admin/conditions/count/", {"condition": json.dumps(FEW)}).status_code == 403
    assert client.get("/admin/conditions/facts/").status_code == 403
    assert client.get("/admin/conditions/values/?fact=region").status_code == 403


@pytest.mark.parametrize(
    ("text", "path", "said"),
    [
        ('{"all": [{"fact": "active_users_30d", "operator": "lessThan", "value": "x"}]}', "$.all[0].value", "a number"),
        ('{"fact": "gone", "operator": "isKnown"}', "$.fact", "There is no fact"),
        ("{", "$", "not JSON"),
        ("", "$", "not JSON"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(olga: User, text: str, path: str, said: str) -> None:
    answer = signed_in(olga).post("/admin/conditions/count/", {"condition": text})
    assert answer.status_code == 400
    [problem] = answer.json()["problems"]
    assert problem["path"] == path
    assert said in problem["message"]


def test_durations_nobody_follows_are_left_out_and_said_so(olga: User) -> None:
    account("Few", 2)
    told = ask(olga, FEW | {"heldFor": {"days": 14}}).json()
    assert told["matching"] == 1
    assert "For how long it has held is not counted here" in told["notes"][0]


def test_what_takes_too_long_ends_early_and_says_at_least(olga: User, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [account(f"Account {number}", 2) for number in range(3)]
    monkeypatch.setattr(counting, "CHUNK", 1)
    whole = counting.count(parse(FEW, catalogue()), listed(), at=now(), within_s=60)
    assert (whole.true, whole.is_whole, whole.examples) == (3, True, [one.pk for one in made])
    cut = counting.count(parse(FEW, catalogue()), listed(), at=now(), within_s=-1)
    assert (cut.true, cut.is_whole) == (0, False)


def test_ten_or_a_hundred_accounts_cost_the_same(olga: User) -> None:
    client = signed_in(olga)

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            client.post("/admin/conditions/count/", {"condition": json.dumps(FEW)})
        return len(found)

    account("First", 2)
    queries()  # the first one also reads what a process remembers
    before = queries()
    for number in range(12):
        account(f"Account {number}", 2)
    assert queries() == before


def test_facts_come_with_meaning_source_policy_and_typed_operators(olga: User) -> None:
    told = signed_in(olga).get("/admin/conditions/facts/").json()
    [fact] = [one for one in told["facts"] if one["key"] == "active_users_30d"]
    assert fact["meaning"].startswith("People")
    assert (fact["source"], fact["use"]) == ("Your product", "may be named to the customer")
    words = {one["name"]: one["words"] for one in told["operators"]["date"]}
    assert words["lessThan"] == "is before"
    assert words["moreThanAgo"] == "is at least … ago"
    assert "equal" not in {one["name"] for one in told["operators"]["ratio"]}
    [stage] = [one for one in told["facts"] if one["key"] == "stage"]
    assert ["adopted", "Adopted"] in stage["choices"]


def test_values_are_those_of_accounts_one_may_see(reading_csm: User, carla: User) -> None:
    know(account("Hers", 1, csm=reading_csm), region="Europe")
    know(account("Theirs", 1, csm=carla), region="Mars")
    client = signed_in(reading_csm)
    assert client.get("/admin/conditions/values/?fact=region").json() == {"values": ["Europe"]}
    for other in ("gone", "active_users_30d", "x" * 5000, ""):
        assert client.get("/admin/conditions/values/", {"fact": other}).json() == {"values": []}


def test_what_one_counts_is_what_the_language_says(olga: User) -> None:
    """A window, a list, a not: the same accounts as a look at each of them."""
    made = account("Old", 3)
    know(made, closed_won_at=now() - 40 * DAY, ticket_tags_30d=["bug"])
    account("New", 3)
    condition = {
        "all": [
            {"fact": "closed_won_at", "operator": "moreThanAgo", "value": {"days": 30}},
            {"not": {"fact": "active_users_30d", "operator": "greaterThan", "value": 5}},
        ]
    }
    told = ask(olga, condition).json()
    assert (told["matching"], told["unknown"]) == (1, 1)
