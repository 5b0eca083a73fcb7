"""Before a milestone is changed it is shown, and asked, how many accounts would stand otherwise."""

from collections import Counter
from dataclasses import replace

import pytest
from django.urls import reverse

from accounts.facts.services import FactDraft, define, set_custom
from accounts.foundation.clock import now
from accounts.portfolio import services as portfolio
from retention.milestones import services
from retention.milestones.models import ValueMilestone
from retention.milestones.preview import preview
from retention.milestones.queries import stands_of
from retention.milestones.services import MilestoneDraft, RouteDraft, draft_of
from tests.retention.health.book import settle


def teams(least):
    return {"fact": "teams_live", "operator": "greaterThanInclusive", "value": least}


@pytest.fixture
def book(starter, northwind):
    """Five accounts with one to five live teams; three reach the milestone."""
    define(FactDraft("teams_live", "Teams live", "number", "For this test."), by=None, at=now())
    found = [northwind, *(portfolio.create(name=f"Contoso {number}", by=None, at=now()) for number in range(4))]
    for number, account in enumerate(found, start=1):
        set_custom(account, {"teams_live": number}, source="crm", at=now())
    settle(now())
    return found


@pytest.fixture
def milestone(book):
    """Not looked at yet, so nothing is noted: what conditions saw stays reached."""
    return services.define(
        MilestoneDraft("teams", "Teams", [RouteDraft("all", "All", condition=teams(3))]), by=None, at=now()
    )


def stricter(milestone, least=4):
    return replace(draft_of(milestone), routes=[RouteDraft("all", "All", condition=teams(least))])


def standings(accounts, milestone):
    at = now()
    stands = [one for account in accounts for one in stands_of(account, at=at) if one.milestone == milestone]
    return Counter(one.status.value for one in stands)


def test_it_counts_what_saving_does(book, milestone, olga):
    found = preview(stricter(milestone), milestone, user=olga, at=now())
    assert {label: (was, then) for label, was, then in found.rows if was or then} == {
        "Reached": (3, 2),
        "Pending": (2, 3),
    }
    assert found.ways == [("Reached", "Pending", 1)]
    assert [(account.name, was, then) for account, was, then in found.examples] == [("Contoso 1", "Reached", "Pending")]
    services.define(stricter(milestone), by=None, at=now())
    assert standings(book, milestone) == {"reached": 2, "pending": 3}


def test_what_was_reached_stays_so(book, milestone, olga):
    settle(now())
    assert preview(stricter(milestone, 9), milestone, user=olga, at=now()).moved == 0


def test_a_route_is_saved_after_it_was_looked_at(book, milestone, olga, client):
    client.force_login(olga)
    address = reverse("admin:retention_valuemilestone_route", args=[milestone.pk, "all"])
    said = {"name": "All", "told_by": "hand", "clock": "closed_won", "basis": "practice"}
    shown = client.post(address, said)
    text = shown.content.decode()
    assert "5 accounts</span> would stand otherwise: Reached → Not tracked 3, Pending → Not tracked 2." in text
    assert "5 of 5 accounts (100 %) stand otherwise." in text
    assert "No account would have reached it any more." in text
    agreed = said | {"do": "save", "seen": shown.context["seen"]}
    assert "Tick this to go on" in client.post(address, agreed).content.decode()
    stale = client.post(address, agreed | {"name": "Everybody", "confirmed": "yes"})
    assert "You changed something since you looked at it." in stale.content.decode()
    assert milestone.routes.get().condition == teams(3)
    assert client.post(address, agreed | {"confirmed": "yes"}).status_code == 302
    assert milestone.routes.get().condition is None


def test_retiring_is_looked_at_and_a_new_name_is_not(book, milestone, olga, client):
    client.force_login(olga)
    address = reverse("admin:retention_valuemilestone_edit", args=[milestone.pk])
    said = {"name": "Live teams", "meaning": "", "position": "0"}
    assert client.post(address, said | {"is_active": "on"}).status_code == 302
    assert "Reached → Does not apply 3" in client.post(address, said).content.decode()
    assert ValueMilestone.objects.get(pk=milestone.pk).is_active


def test_the_last_route_is_not_taken_away(book, milestone, olga, client):
    client.force_login(olga)
    address = reverse("admin:retention_valuemilestone_remove", args=[milestone.pk, "all"])
    assert "Give at least one route" in client.post(address, follow=True).content.decode()
    assert milestone.routes.exists()


def test_only_what_one_may_see_is_counted(book, milestone, amelia):
    found = preview(stricter(milestone, 1), milestone, user=amelia, at=now())
    assert (found.accounts, found.moved) == (1, 1)
