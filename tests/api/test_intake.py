"""Sources, quarantine, tracking plan and custom facts over the REST API."""

from typing import Any

import pytest
from django.test import Client

from accounts.foundation.clock import now
from accounts.foundation.models import AuditEntry
from accounts.ingestion.models import QuarantinedItem, SignalEvent
from accounts.portfolio.models import Account
from accounts.team import keys
from tests.api.conftest import Api, problems
from tests.cast import send

UNKNOWN = [
    {"type": "group", "userId": "u", "groupId": "acct-9", "messageId": "g", "traits": {"name": "Acme Rockets"}},
    {"type": "track", "userId": "u", "event": "Odd Thing", "messageId": "t"},
]
FACT = {"key": "pilot_seats", "label": "Pilot seats", "type": "number", "meaning": "Seats in the pilot."}


@pytest.fixture
def admin(with_key: Any) -> Api:
    """A client that may define things."""
    return with_key("admin")


def test_a_source_is_created_gets_a_key_and_delivers(api: Api, client: Client) -> None:
    made = api.post("sources/", {"name": "Web app", "stale_after_hours": 24})
    assert made.status_code == 201
    assert made.json() | {"last_delivery_at": 0} == {
        "key": "web-app",
        "name": "Web app",
        "kind": "product",
        "stale_after_hours": 24,
        "accepts_proposals": False,
        "last_delivery_at": 0,
        "is_stale": True,
    }
    first = api.post("sources/web-app/write-keys/").json()["write_key"]
    send(client, first, UNKNOWN)
    second = api.post("sources/web-app/write-keys/", {"only": True}).json()["write_key"]
    assert keys.identify(first, at=now()) is None
    assert keys.identify(second, at=now()) is not None
    assert api.patch("sources/web-app/", {"name": "Site"}).json()["name"] == "Site"
    assert AuditEntry.objects.filter(verb="source.change", door="api").exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "product"}, "name"),
        ({"name": ""}, "name"),
        ({"key": "product"}, "key"),
        ({"key": "Not a key"}, "key"),
        ({"kind": "magic"}, "kind"),
        ({"stale_after_hours": 0}, "stale_after_hours"),
        ({"stale_after_hours": 1e9}, "stale_after_hours"),
        ({"stale_after": 4}, "stale_after"),
    ],
)
def test_a_wrong_source_is_refused(api: Api, product: Any, change: dict[str, Any], field: str) -> None:
    assert list(problems(api.post("sources/", {"name": "Web app"} | change))) == [field]
    assert len(api.list("sources/")) == 1


def test_groups_are_listed_with_the_account_that_fits(
    api: Api, client: Client, ingest_key: str, northwind: Account, pump: Any
) -> None:
    send(client, ingest_key, [UNKNOWN[0] | {"traits": {"name": "Northwind Traders"}}, *UNKNOWN[1:]])
    pump()
    unknown, user = api.list("quarantined-items/groups/")
    assert unknown.items() >= {"source": "product", "id": "acct-9", "items": 1, "name": "Northwind Traders"}.items()
    assert unknown["suggested_account"] == "northwind-traders"
    assert unknown["suggested_because"] == "it is called Northwind Traders there"
    assert user.items() >= {"reason": "no_account", "id": "u", "items": 1, "suggested_account": None}.items()


def test_a_matched_id_replays_by_itself(
    api: Api, client: Client, ingest_key: str, northwind: Account, pump: Any
) -> None:
    send(client, ingest_key, UNKNOWN)
    pump()
    draft = {"source": "product", "id": "acct-9", "account": "northwind-traders"}
    assert api.post("quarantined-items/match/", draft).status_code == 204
    pump()
    assert SignalEvent.objects.filter(account=northwind).count() == 2
    other = api.post("accounts/", {"name": "Other"}).json()["key"]
    assert "another account" in problems(api.post("quarantined-items/match/", draft | {"account": other}))["id"]


def test_a_matched_user_replays_too(api: Api, client: Client, ingest_key: str, northwind: Account, pump: Any) -> None:
    send(client, ingest_key, UNKNOWN[1:])
    pump()
    draft = {"source": "product", "id": "u", "account": "northwind-traders", "kind": "user"}
    assert api.post("quarantined-items/match/", draft).status_code == 204
    pump()
    assert SignalEvent.objects.filter(account=northwind).count() == 1


def test_unknown_ids_are_settled_by_the_dozen(api: Api, client: Client, ingest_key: str, pump: Any) -> None:
    send(client, ingest_key, [UNKNOWN[0] | {"groupId": f"a-{n}", "messageId": f"m{n}"} for n in range(3)])
    pump()
    done = api.post("quarantined-items/settle/", {"source": "product", "ids": ["a-0", "a-1"], "match": False}).json()
    assert done == {"created": 2, "matched": 0, "refused": [], "left": 1}
    pump()
    assert api.post("quarantined-items/settle/", {"source": "product", "match": False}).json()["left"] == 0
    pump()
    assert Account.objects.count() == 3
    assert not QuarantinedItem.objects.exists()


def test_a_reason_is_replayed_or_discarded_as_a_whole(api: Api, client: Client, ingest_key: str, pump: Any) -> None:
    send(client, ingest_key, [{"type": "track"}, UNKNOWN[1]])
    pump()
    assert api.post("quarantined-items/replay/", {"reason": "no_account"}).json() == {"replayed": 1}
    pump()
    assert "because" in problems(api.post("quarantined-items/discard/", {"reason": "malformed"}))
    gone = api.post("quarantined-items/discard/", {"reason": "malformed", "because": "A test.", "source": "product"})
    assert gone.json() == {"discarded": 1}
    assert [item["reason"] for item in api.list("quarantined-items/")] == ["no_account"]


@pytest.mark.parametrize("path", ["match/", "settle/", "replay/", "discard/"])
def test_wrong_bodies_of_the_quarantine_name_the_field(api: Api, product: Any, path: str) -> None:
    for body in ({}, {"source": "nope", "reason": "why"}, {"source": ["x"], "reason": 7}, {"odd": 1}):
        assert problems(api.post(f"quarantined-items/{path}", body))


def test_who_may_not_change_accounts_settles_nothing(as_user: Any, olga: Any, product: Any) -> None:
    olga.role.grants.filter(area="accounts").update(access="view")
    problems(as_user(olga).post("quarantined-items/settle/", {"source": "product"}), 403)


PARTS = {
    "features": ({"name": "Boards", "tier": "advanced", "events": ["Board Opened"]}, {"tier": "core"}),
    "milestones": ({"name": "Live", "events": ["Went Live"]}, {"events": ["Went Live", "Launched"]}),
    "page-intents": ({"name": "Careers", "paths": ["/jobs*"]}, {"paths": ["/jobs*", "/careers"]}),
}


@pytest.mark.parametrize("path", PARTS)
def test_the_tracking_plan_is_written_over_the_api(api: Api, admin: Api, path: str) -> None:
    draft, change = PARTS[path]
    problems(api.post(f"{path}/", draft), 403)
    made = admin.post(f"{path}/", draft)
    assert made.status_code == 201, made.content
    key = made.json()["key"]
    assert made.json() == {"key": key, **draft}
    assert admin.patch(f"{path}/{key}/", change).json() == {"key": key, **draft, **change}
    assert "key" in problems(admin.post(f"{path}/", draft | {"key": key}))


@pytest.mark.parametrize(
    ("path", "change", "field"),
    [
        ("features", {"events": []}, "events"),
        ("features", {"events": ["Report Viewed"]}, "events"),
        ("features", {"events": ["x" * 201]}, "events[0]"),
        ("features", {"events": "Board Opened"}, "events"),
        ("features", {"tier": "huge"}, "tier"),
        ("features", {"name": ""}, "name"),
        ("milestones", {"events": [" "]}, "events[0]"),
        ("page-intents", {"paths": ["jobs"]}, "paths"),
    ],
)
def test_a_wrong_entry_of_the_plan_is_refused(admin: Api, path: str, change: dict[str, Any], field: str) -> None:
    before = len(admin.list(f"{path}/"))
    assert list(problems(admin.post(f"{path}/", PARTS[path][0] | change))) == [field]
    assert len(admin.list(f"{path}/")) == before


def test_a_custom_fact_is_defined_and_told(api: Api, admin: Api, northwind: Account, product: Any) -> None:
    assert admin.post("custom-facts/", FACT).json() == FACT | {"unit": "", "use": "internal triggers only"}
    assert admin.patch("custom-facts/pilot_seats/", {"unit": "seats"}).json()["unit"] == "seats"
    admin.post("custom-facts/", FACT | {"key": "go_live", "label": "Go-live", "type": "date"})
    told = api.post("accounts/northwind-traders/facts/", {"values": {"pilot_seats": 12, "go_live": "2026-05-01"}})
    known = {row["fact"]: (row["value"], row["source"]) for row in told.json()["results"]}
    assert (known["pilot_seats"], known["go_live"]) == ((12, "api"), ("2026-05-01", "api"))
    gone = {"values": {"pilot_seats": None}, "source": "product"}
    rows = {row["fact"]: row for row in api.post("accounts/northwind-traders/facts/", gone).json()["results"]}
    assert rows["pilot_seats"]["value"] is None
    assert rows["go_live"]["value"] == "2026-05-01"
    assert AuditEntry.objects.filter(verb="fact.set", account_id=northwind.pk).count() == 2


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"pilot_seats": "twelve"}, "values.pilot_seats"),
        ({"pilot_seats": True}, "values.pilot_seats"),
        ({"pilot_seats": 1e300}, "values.pilot_seats"),
        ({"go_live": "soon"}, "values.go_live"),
        ({"go_live": 20260501}, "values.go_live"),
        ({"arr": 5}, "values.arr"),
        ({"nothing": 5, "pilot_seats": 3}, "values.nothing"),
        ({}, "values"),
        ([], "values"),
    ],
)
def test_a_value_that_does_not_fit_sets_nothing(
    api: Api, admin: Api, northwind: Account, values: Any, field: str
) -> None:
    admin.post("custom-facts/", FACT)
    admin.post("custom-facts/", FACT | {"key": "go_live", "label": "Go-live", "type": "date"})
    assert list(problems(api.post("accounts/northwind-traders/facts/", {"values": values}))) == [field]
    rows = {row["fact"]: row["value"] for row in api.list("accounts/northwind-traders/facts/")}
    assert rows["pilot_seats"] is None


def test_a_custom_fact_keeps_its_key_and_type(admin: Api, api: Api) -> None:
    admin.post("custom-facts/", FACT)
    assert "key" in problems(admin.post("custom-facts/", FACT))
    assert "key" in problems(admin.post("custom-facts/", FACT | {"key": "arr"}))
    assert "type" in problems(admin.patch("custom-facts/pilot_seats/", {"type": "text"}))
    problems(api.patch("custom-facts/pilot_seats/", {"unit": "x"}), 403)
    assert AuditEntry.objects.filter(verb="fact.define", actor_id__isnull=False).count() == 1


def test_another_teams_account_is_told_nothing(as_user: Any, admin: Api, northwind: Account, carla: Any) -> None:
    admin.post("custom-facts/", FACT)
    problems(as_user(carla).post("accounts/northwind-traders/facts/", {"values": {"pilot_seats": 1}}), 404)
