"""Counting earlier events over the API: asked for once, watched until it is done."""

import pytest

from accounts.ingestion.models import FeatureActivity
from accounts.ingestion.plan import services as plan
from tests.accounts.ingestion.calls import group, track
from tests.api.conftest import problems
from tests.cast import send
from tests.factories.accounts import AT, MilestoneFactory

ASK = "history-counts/"


@pytest.fixture
def came(northwind, client, ingest_key, pump):
    send(client, ingest_key, [group("eve"), track("eve", event="Export Run", messageId="e1")])
    pump()
    plan.save_feature(key="exports", name="Exports", tier="core", events=["Export Run"], by=None, at=AT)


def asked(api, body, status):
    response = api.post(ASK, body)
    assert response.status_code == status, response.content
    return response.json()


def test_it_is_asked_for_once_and_shows_how_far_it_is(came, with_key, pump):
    api = with_key("admin")
    count = asked(api, {"feature": "exports"}, 201)
    assert (count["state"], count["progress"], count["events"]) == ("due", 0.0, ["Export Run"])
    assert asked(api, {"feature": "exports"}, 200)["id"] == count["id"]
    pump()
    done = api.one(f"{ASK}{count['id']}/")
    assert (done["state"], done["progress"], done["counted"]) == ("done", 1.0, 1)
    assert FeatureActivity.objects.filter(feature__key="exports").exists()
    assert [row["id"] for row in api.list(ASK, feature="exports", state="done")] == [count["id"]]


@pytest.mark.parametrize("body", [{}, {"feature": "exports", "milestone": "live"}, {"feature": None}])
def test_one_entry_is_named(came, with_key, body):
    MilestoneFactory(key="live")
    assert "feature" in problems(with_key("admin").post(ASK, body))


def test_an_entry_that_does_not_exist_is_named(came, with_key):
    assert "reprots" in problems(with_key("admin").post(ASK, {"feature": "reprots"}))["feature"]


def test_who_may_not_define_may_not_count(came, with_key):
    assert with_key("read").post(ASK, {"feature": "exports"}).status_code == 403
