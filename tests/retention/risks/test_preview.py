"""Before a rating is published it is shown, and asked, how many accounts come into another tier."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.facts.services import set_custom
from accounts.foundation.clock import now
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account
from accounts.team.models import User
from retention.risks import rating
from retention.risks.models import AccountRisk, RiskModelVersion
from retention.risks.preview import preview
from tests.retention.health.book import define_moods, settle

pytestmark = pytest.mark.django_db
PAGE = "admin:retention_riskmodelversion_changelist"
ADD = "admin:retention_riskmodelversion_add_signal"


def grim(points: int = 2) -> rating.RiskDraft:
    """One signal: a low mood."""
    when = {"fact": "mood", "operator": "lessThan", "value": 50}
    return rating.RiskDraft([rating.SignalDraft("grim", "The mood is low", points, when)])


@pytest.fixture
def book(northwind: Account) -> list[Account]:
    """Two accounts in a low mood and medium risk, three others at low risk."""
    define_moods()
    rating.publish(grim(), by=None, at=now())
    found = [northwind, *(portfolio.create(name=f"Contoso {number}", by=None, at=now()) for number in range(4))]
    for account, mood in zip(found, (10, 20, 60, 70, 80), strict=True):
        set_custom(account, {"mood": mood}, source="crm", at=now())
    settle(now())
    return found


@pytest.fixture
def client(olga: User) -> Client:
    found = Client()
    found.force_login(olga)
    return found


def body(**changed: Any) -> dict[str, Any]:
    return {"medium_from": 2, "high_from": 4, "unknown_from": 3, "points_grim": 2, "do": "preview"} | changed


def tiers() -> list[str]:
    return list(AccountRisk.objects.order_by("pk").values_list("tier", flat=True))


def test_it_counts_what_publishing_does(book: list[Account], olga: User) -> None:
    assert tiers() == ["medium", "medium", "low", "low", "low"]
    found = preview(grim(4), user=olga, at=now())
    assert {tier.value: (was, then) for tier, was, then in found.rows if was or then} == {
        "high": (0, 2),
        "medium": (2, 0),
        "low": (3, 3),
    }
    assert found.ways == [("Medium", "High", 2)]
    assert [(one.account.name, one.points_before, one.points_after) for one in found.examples] == [
        ("Northwind Traders", 2, 4),
        ("Contoso 0", 2, 4),
    ]
    rating.publish(grim(4), by=None, at=now())
    settle(now())
    assert tiers() == ["high", "high", "low", "low", "low"]


def test_what_moves_much_is_asked_first(book: list[Account], client: Client) -> None:
    shown = client.post(reverse(PAGE), body(points_grim=4))
    text = shown.content.decode()
    assert "2 accounts</span> would come into another tier: Medium → High 2." in text
    assert "2 of 5 accounts (40 %) come into another tier." in text
    assert "No account would be medium any more." in text
    wants = body(points_grim=4, do="publish", seen=shown.context["seen"])
    assert "Tick this to go on" not in text
    assert "Tick this to go on" in client.post(reverse(PAGE), wants).content.decode()
    assert RiskModelVersion.objects.count() == 2
    assert client.post(reverse(PAGE), wants | {"confirmed": "yes"}).status_code == 302
    assert RiskModelVersion.objects.count() == 3


def test_nothing_is_published_that_was_not_looked_at(book: list[Account], client: Client) -> None:
    shown = client.post(reverse(PAGE), body())
    assert "No account would come into another tier." in shown.content.decode()
    other = client.post(reverse(PAGE), body(high_from=6, do="publish", seen=shown.context["seen"]))
    assert "You changed something since you looked at it." in other.content.decode()
    assert RiskModelVersion.objects.count() == 2
    agreed = client.post(reverse(PAGE), body(high_from=6, do="publish", seen=other.context["seen"]))
    assert agreed.status_code == 302


def test_a_signal_shows_what_it_would_do(book: list[Account], client: Client) -> None:
    when = {"fact": "mood", "operator": "greaterThan", "value": 75}
    said = {"name": "Too good", "when": json.dumps(when), "points": "2", "basis": "practice"}
    text = client.post(reverse(ADD), said).content.decode()
    assert "Low → Medium 1." in text
    assert "Contoso 3" in text
    assert RiskModelVersion.objects.count() == 2


def test_only_what_one_may_see_is_counted(book: list[Account], amelia: User) -> None:
    found = preview(grim(4), user=amelia, at=now())
    assert (found.accounts, found.moved) == (1, 1)


def test_a_preview_costs_the_same_for_few_and_for_many(book: list[Account], olga: User) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            preview(grim(4), user=olga, at=now())
        return len(queries)

    cost()
    few = cost()
    for number in range(20):
        portfolio.create(name=f"Account {number}", by=None, at=now())
    settle(now())
    assert cost() == few
