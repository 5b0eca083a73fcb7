"""Deliveries and webhook endpoints over the REST API."""

import pytest
from standardwebhooks import Webhook

from accounts.outbox.models import Delivery, WebhookEndpoint
from tests.api.conftest import problems
from tests.factories.accounts import DeliveryBodyFactory, DeliveryFactory, WebhookEndpointFactory

URL = "https://hooks.example.com/holdfast"


@pytest.fixture
def admin(with_key):
    return with_key("admin")


def test_an_endpoint_is_made_with_a_secret_that_is_shown_once(admin):
    response = admin.post("webhook-endpoints/", {"name": "Warehouse", "url": URL, "kinds": ["stage.changed"]})
    assert response.status_code == 201, response.content
    made = response.json()
    assert made["signing_secret"].startswith("whsec_")
    shown = admin.one(f"webhook-endpoints/{made['id']}/")
    assert (shown["name"], shown["kinds"], shown["state"]) == ("Warehouse", ["stage.changed"], "active")
    assert "signing_secret" not in shown
    again = admin.post(f"webhook-endpoints/{made['id']}/rotate-secret/").json()
    assert again["signing_secret"] != made["signing_secret"]
    assert Webhook(again["signing_secret"])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"url": "http://127.0.0.1/x"}, "url"),
        ({"url": "nonsense"}, "url"),
        ({"kinds": ["weather.changed"]}, "kinds"),
        ({"kinds": "stage.changed"}, "kinds"),
        ({"name": ""}, "name"),
        ({"secret": "x"}, "secret"),
    ],
)
def test_an_endpoint_that_cannot_be_is_refused_by_field(admin, change, field):
    assert field in problems(admin.post("webhook-endpoints/", {"name": "Warehouse", "url": URL, **change}))
    assert not WebhookEndpoint.objects.exists()


def test_an_endpoint_is_changed_paused_resumed_and_switched_off(admin):
    path = f"webhook-endpoints/{WebhookEndpointFactory().pk}/"
    assert admin.patch(path, {"name": "Lake", "kinds": []}).json()["name"] == "Lake"
    assert admin.post(f"{path}pause/").json()["state"] == "paused"
    problems(admin.post(f"{path}pause/"), 409)
    assert admin.post(f"{path}resume/").json()["state"] == "active"
    assert admin.post(f"{path}switch-off/").json()["state"] == "disabled"
    assert admin.post(f"{path}test/").status_code == 201
    assert admin.list("deliveries/", channel="webhook")[0]["purpose"] == "test"


def test_endpoints_are_made_by_those_who_run_the_installation(with_key, as_user, amelia, olga):
    for caller in (with_key("write"), as_user(amelia), as_user(olga)):
        problems(caller.post("webhook-endpoints/", {"name": "Warehouse", "url": URL}), 403)


def test_deliveries_are_filtered_and_say_why(admin):
    refused = DeliveryFactory(state="done", outcome="refused", reason="Consent was withdrawn.")
    DeliveryBodyFactory()
    [row] = admin.list("deliveries/", status="refused")
    assert (row["id"], row["because"]) == (refused.pk, "Consent was withdrawn.")
    assert len(admin.list("deliveries/", status="waiting", channel="email")) == 1
    assert admin.list("deliveries/", account="no-such") == []
    problems(admin.get("deliveries/", status="lost"))


def test_a_person_decides_about_what_is_unknown(admin):
    row = DeliveryBodyFactory(delivery__state="dead", delivery__outcome="unknown").delivery
    path = f"deliveries/{row.pk}/"
    assert admin.one(path)["status"] == "unknown"
    assert admin.post(f"{path}arrived/").json()["status"] == "sent"
    for verb in ("arrived", "leave", "send-again"):
        problems(admin.post(f"{path}{verb}/"), 409)


def test_deliveries_are_seen_by_those_who_see_the_account(as_user, northwind, amelia, carla):
    row = DeliveryBodyFactory(delivery__account=northwind, delivery__user=amelia).delivery
    assert [one["id"] for one in as_user(amelia).list("deliveries/")] == [row.pk]
    assert as_user(carla).list("deliveries/") == []
    problems(as_user(carla).get(f"deliveries/{row.pk}/"), 404)
    assert Delivery.objects.count() == 1


def test_the_outbound_mode_is_read_and_changed_by_those_who_may(admin, as_user, olga, carla):
    assert admin.one("outbound-mode/") == {"mode": "preview", "allowed": []}
    changed = admin.patch("outbound-mode/", {"mode": "allowlist", "allowed": ["Northwind.example"]})
    assert changed.json() == {"mode": "allowlist", "allowed": ["northwind.example"]}
    assert admin.patch("outbound-mode/", {"mode": "internal"}).json()["allowed"] == ["northwind.example"]
    assert as_user(carla).patch("outbound-mode/", {"mode": "live"}).status_code == 403
    assert as_user(carla).get("outbound-mode/").status_code == 403
    assert admin.one("outbound-mode/")["mode"] == "internal"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"mode": "loud"}, "mode"),
        ({"mode": "allowlist"}, "allowed"),
        ({"allowed": ["not an address"]}, "allowed"),
        ({"allowed": "northwind.example"}, "allowed"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_an_outbound_mode_that_cannot_be_is_refused_by_field(admin, change, field):
    assert field in problems(admin.patch("outbound-mode/", change))
    assert admin.one("outbound-mode/")["mode"] == "preview"


def test_everybody_reads_their_own_notifications_and_nobody_elses(as_user, amelia, bruno):
    told = {"delivery__channel": "in_app", "delivery__state": "done", "delivery__outcome": "sent"}
    row = DeliveryBodyFactory(delivery__user=amelia, **told).delivery
    [shown] = as_user(amelia).list("notifications/")
    assert (shown["id"], shown["read_at"]) == (row.pk, None)
    assert as_user(bruno).list("notifications/") == []
    assert as_user(bruno).post(f"notifications/{row.pk}/read/").status_code == 404
    assert as_user(amelia).post(f"notifications/{row.pk}/read/").json()["read_at"]
