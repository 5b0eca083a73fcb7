"""Products, contracts, invoices, deals and tickets over the REST API: read as written, refused with a reason."""

import json

import pytest

from accounts.contracts.models import Contract, Invoice
from accounts.deals.models import Deal
from accounts.support.models import Ticket
from accounts.workspace import services as workspace
from tests.api.conftest import problems
from tests.factories.accounts import AT, ProductFactory, StakeholderFactory

DEAL = {
    "source": "crm",
    "external_id": "d-1",
    "account": "northwind-traders",
    "name": "First year",
    "state": "won",
    "amount": "48000.00",
    "closed_at": "2026-01-15T10:00:00Z",
    "term_months": 12,
}
INVOICE = {
    "source": "crm",
    "external_id": "in-1",
    "account": "northwind-traders",
    "amount": "4000.50",
    "issued_on": "2026-01-01",
    "due_on": "2026-01-31",
}
TICKET = {
    "source": "crm",
    "external_id": "4711",
    "account": "northwind-traders",
    "subject": "Export fails",
    "severity": 2,
    "tags": ["export"],
    "opened_at": "2026-01-15T09:00:00Z",
    "updated_at": "2026-01-15T09:00:00Z",
}
SAVED = {"deals/": (DEAL, Deal), "invoices/": (INVOICE, Invoice), "tickets/": (TICKET, Ticket)}


@pytest.fixture(autouse=True)
def crm(northwind):
    return workspace.connect_source(key="crm", kind="crm", by=None, at=AT)


@pytest.mark.parametrize("path", SAVED)
def test_what_a_source_tells_is_created_once_and_then_changed(api, path):
    body, model = SAVED[path]
    first = api.post(path, body)
    again = api.post(path, body)
    assert (first.status_code, again.status_code) == (201, 200), (first.content, again.content)
    assert {**first.json(), "recorded_at": ""} == {**again.json(), "recorded_at": ""}
    assert model.objects.count() == 1
    assert {name: first.json()[name] for name in ("source", "external_id", "account")} == {
        name: body[name] for name in ("source", "external_id", "account")
    }
    assert api.one(f"{path}{first.json()['id']}/") == again.json()
    assert [row["id"] for row in api.list(path, external_id=body["external_id"], source="crm")] == [first.json()["id"]]


@pytest.mark.parametrize("path", SAVED)
def test_who_does_not_see_the_account_can_neither_read_write_nor_take_it_over(api, as_user, carla, path):
    body, model = SAVED[path]
    made = api.post(path, body).json()
    session = as_user(carla)
    assert session.list(path) == []
    problems(session.get(f"{path}{made['id']}/"), 404)
    assert "There is no account" in problems(session.post(path, body))["account"]
    own = api.post("accounts/", {"name": "Carlas", "csm": "carla"}).json()["key"]
    errors = problems(session.post(path, body | {"account": own}))
    assert "not yours to see" in errors["external_id"]
    assert model.objects.get().account.key == "northwind-traders"


def test_her_csm_sees_all_of_it(api, as_user, amelia):
    for path, (body, _) in SAVED.items():
        api.post(path, body)
        assert len(as_user(amelia).list(path)) == 1


WRONG = [
    *[(path, {"account": "nobody"}, "account", "There is no account") for path in SAVED],
    *[(path, {"source": "nowhere"}, "source", "There are: crm") for path in SAVED],
    *[(path, {"external_id": ""}, "external_id", "blank") for path in SAVED],
    *[(path, {"colour": "red"}, "colour", "Unknown field") for path in SAVED],
    *[(path, {"state": "dead"}, "state", "not a valid choice") for path in SAVED],
    ("deals/", {"amount": "1.001"}, "amount", "more decimals"),
    ("deals/", {"amount": -1}, "amount", "greater than or equal"),
    ("deals/", {"amount": "NaN"}, "amount", "number"),
    ("deals/", {"currency": "XXQ"}, "currency", "no currency code"),
    ("deals/", {"type": "upsell"}, "type", "not a valid choice"),
    ("deals/", {"probability": 101}, "probability", "less than or equal"),
    ("deals/", {"owner": "nobody"}, "owner", "There is no active user"),
    ("deals/", {"product": "nothing"}, "product", "There is no product"),
    ("deals/", {"term_months": 0}, "term_months", "greater than or equal"),
    ("deals/", {"starts_on": "9999-12-31"}, "starts_on", "1970 to 2199"),
    ("deals/", {"closed_at": "0001-01-01T00:00:00+14:00"}, "closed_at", "out of range"),
    ("deals/", {"closed_at": "0001-01-02T00:00:00Z"}, "closed_at", "1970 to 2199"),
    ("deals/", {"external_id": "x" * 101}, "external_id", "100"),
    ("invoices/", {"currency": "EUR"}, "currency", "kept in USD"),
    ("invoices/", {"amount": "9" * 20}, "amount", "digits"),
    ("invoices/", {"due_on": "2025-12-31"}, "due_on", "day of its issue"),
    ("invoices/", {"state": "paid"}, "paid_on", "which day"),
    ("invoices/", {"contract": "nothing"}, "contract", "There is no contract"),
    ("tickets/", {"severity": 5}, "severity", "less than or equal"),
    ("tickets/", {"tags": ["x" * 81]}, "tags[0]", "80"),
    ("tickets/", {"tags": "x"}, "tags", "list"),
    ("tickets/", {"satisfaction": 3}, "satisfaction_at", "when"),
    ("tickets/", {"updated_at": "2026-01-14T09:00:00Z"}, "updated_at", "before it is opened"),
    ("tickets/", {"requester": 10**18}, "requester", "no stakeholder"),
    ("tickets/", {"requester": 10**30}, "requester", "less than or equal"),
    ("tickets/", {"opened_at": "0001-01-02T00:00:00Z"}, "opened_at", "1970"),
]


@pytest.mark.parametrize(("path", "change", "field", "says"), WRONG)
def test_what_is_wrong_is_named(api, path, change, field, says):
    body, model = SAVED[path]
    errors = problems(api.post(path, json.dumps(body | change)))
    assert list(errors) == [field]
    assert says in errors[field]
    assert not model.objects.exists()


@pytest.mark.parametrize("path", ["contracts/", "invoices/", "deals/", "tickets/", "products/"])
def test_a_wrong_parameter_is_named(api, path):
    assert list(problems(api.get(path, colour="red"))) == ["colour"]


class TestProducts:
    def test_an_administrators_key_keeps_the_catalogue(self, with_key):
        admin = with_key("admin")
        made = admin.post("products/", {"key": "pro", "name": "Professional", "kind": "plan"})
        assert made.status_code == 201
        assert admin.patch("products/pro/", {"is_active": False}).json()["is_active"] is False
        assert [row["key"] for row in admin.list("products/", is_active="false")] == ["pro"]
        assert "key" in problems(admin.post("products/", {"key": "pro", "name": "Again"}))
        assert "key" in problems(admin.patch("products/pro/", {"key": "other"}))

    def test_a_key_that_only_writes_reads_it(self, api):
        assert api.list("products/")
        problems(api.post("products/", {"key": "pro", "name": "Professional"}), 403)


class TestContracts:
    @pytest.fixture
    def contract(self, api):
        product = ProductFactory()
        body = {
            "account": "northwind-traders",
            "arr": "48000",
            "starts_on": "2026-01-01",
            "ends_on": "2027-12-31",
            "product": product.key,
            "usage_fact": "events_month",
            "usage_target": 5000,
            "sow": "https://files.example/sow-7",
        }
        response = api.post("contracts/", body)
        assert response.status_code == 201, response.content
        return response.json()

    def test_is_read_as_it_was_written(self, api, contract):
        assert contract["usage_target"] == 5000
        assert (contract["is_multi_year"], contract["billing_status"]) == (True, "current")
        assert api.one(f"contracts/{contract['key']}/") == contract
        assert api.list("contracts/", product=contract["product"], billing_status="current") == [contract]

    def test_what_may_change_is_changed(self, api, contract):
        path = f"contracts/{contract['key']}/"
        changed = api.patch(path, {"billing_status": "failed", "fair_use_limit": "9000.5"}).json()
        assert changed == contract | {"billing_status": "failed", "fair_use_limit": 9000.5}
        assert "Unknown field" in problems(api.patch(path, {"arr": 5}))["arr"]
        assert "usage_target" in problems(api.patch(path, {"usage_target": 0}))

    def test_what_was_replaced_stays(self, api, contract):
        body = {"account": "northwind-traders", "arr": 9, "starts_on": "2027-01-01", "ends_on": "2027-12-31"}
        new = api.post("contracts/", body | {"replaces": contract["key"]}).json()
        assert new["replaces"] == contract["key"]
        problems(api.patch(f"contracts/{contract['key']}/", {"tier": "Gold"}), 409)

    def test_notice_of_the_past_comes_with_its_date(self, api, contract):
        path = f"contracts/{contract['key']}/cancel/"
        assert "ahead" in problems(api.post(path, {"cancelled_at": "2190-01-01T00:00:00Z"}))["cancelled_at"]
        assert api.post(path, {"cancelled_at": "2026-03-01T10:00:00Z"}).json()["status"] == "cancelled"
        assert api.one(f"contracts/{contract['key']}/")["cancelled_at"] == "2026-03-01T10:00:00Z"


class TestProposals:
    def test_a_won_deal_proposes_and_accepting_signs(self, api):
        deal = api.post("deals/", DEAL).json()
        assert (deal["proposal"]["state"], deal["proposal"]["arr"], deal["proposal"]["missing"]) == (
            "proposed",
            "48000.00",
            [],
        )
        accepted = api.post(f"deals/{deal['id']}/accept/", {"notice_days": 30}).json()
        assert (accepted["proposal"]["state"], accepted["proposal"]["decided_by"] is not None) == ("accepted", True)
        contract = api.one(f"contracts/{accepted['proposal']['contract']}/")
        assert (contract["arr"], contract["ends_on"], contract["notice_days"]) == ("48000.00", "2027-01-14", 30)
        problems(api.post(f"deals/{deal['id']}/accept/"), 409)
        problems(api.post(f"deals/{deal['id']}/decline/", {"reason": "No."}), 409)
        assert api.list("deals/", proposal="accepted") == [accepted]

    def test_what_is_missing_is_asked_for_by_the_name_of_the_request(self, api):
        deal = api.post("deals/", {**DEAL, "amount": None, "term_months": None}).json()
        assert deal["proposal"]["missing"] == ["the amount", "the last day"]
        errors = problems(api.post(f"deals/{deal['id']}/accept/"))
        assert errors == {"arr": "Say the amount a year.", "ends_on": "Say the last day."}
        errors = problems(api.post(f"deals/{deal['id']}/accept/", {"arr": 5, "ends_on": "2020-01-01"}))
        assert errors == {"ends_on": "A contract ends after it starts."}
        assert not Contract.objects.exists()

    def test_declining_needs_a_reason(self, api):
        deal = api.post("deals/", DEAL).json()
        assert "reason" in problems(api.post(f"deals/{deal['id']}/decline/"))
        declined = api.post(f"deals/{deal['id']}/decline/", {"reason": "One-time service."}).json()
        assert declined["proposal"]["decline_reason"] == "One-time service."

    def test_a_deal_that_is_not_won_has_nothing_to_decide(self, api):
        deal = api.post("deals/", {**DEAL, "state": "open", "closed_at": None}).json()
        assert (deal["proposal"], deal["closed_at"]) == (None, None)
        problems(api.post(f"deals/{deal['id']}/accept/"), 409)
        won = api.patch(f"deals/{deal['id']}/", {"state": "won"}).json()
        assert won["proposal"]["state"] == "proposed"

    def test_another_team_decides_nothing(self, api, as_user, carla):
        deal = api.post("deals/", DEAL).json()
        problems(as_user(carla).post(f"deals/{deal['id']}/accept/"), 404)
        problems(as_user(carla).patch(f"deals/{deal['id']}/", {"state": "lost"}), 404)
        assert not Contract.objects.exists()

    def test_a_change_of_currency_names_the_amount_too(self, api):
        deal = api.post("deals/", DEAL).json()
        assert "amount" in problems(api.patch(f"deals/{deal['id']}/", {"currency": "EUR"}))["currency"]
        assert api.patch(f"deals/{deal['id']}/", {"currency": "EUR", "amount": "9.5"}).json()["amount"] == "9.50"


def test_tickets_are_asked_for_by_state_and_severity(api, northwind):
    person = StakeholderFactory(account=northwind)
    api.post("tickets/", TICKET | {"requester": person.pk})
    late = {"state": "solved", "updated_at": "2026-01-16T09:00:00Z", "satisfaction": 5}
    solved = api.post("tickets/", TICKET | late | {"satisfaction_at": "2026-01-16T09:30:00Z"})
    assert solved.json()["solved_at"] == "2026-01-16T09:00:00Z"
    api.post("tickets/", TICKET | {"updated_at": "2026-01-17T09:00:00Z"})
    [ticket] = api.list("tickets/", is_open="true", severity="2", opened_after="2026-01-01T00:00:00Z")
    assert ticket["reopened_at"] == ["2026-01-17T09:00:00Z"]
    assert api.list("tickets/", is_open="false") == []
