"""Accounts over the REST API: one call creates all of it, or nothing."""

import pytest

from accounts.foundation.models import AuditEntry
from accounts.identity.models import ExternalId
from accounts.portfolio.models import Account, AccountEvent, AccountMember
from tests.api.conftest import problems

FULL = {
    "name": "Northwind Traders",
    "domain": "northwind.example",
    "industry": "Food",
    "employees": 240,
    "time_zone": "Europe/Berlin",
    "tech_stack": ["Postgres", "dbt"],
    "csm": "amelia",
    "team": {"ae": "bruno@anchor.example"},
    "external_ids": [{"source": "product", "id": "acct-42"}],
}


def test_one_call_creates_the_account_its_team_and_its_ids(api, product, amelia, bruno):
    response = api.post("accounts/", FULL)
    assert response.status_code == 201, response.content
    made = response.json()
    assert made["key"] == "northwind-traders"
    assert made["csm"] == "amelia"
    assert made["team"] == {"csm": "amelia", "ae": "bruno"}
    assert made["external_ids"] == [{"source": "product", "id": "acct-42"}]
    assert {name: made[name] for name in ("name", "domain", "industry", "employees", "time_zone", "tech_stack")} == {
        name: FULL[name] for name in ("name", "domain", "industry", "employees", "time_zone", "tech_stack")
    }
    assert made["stage"] is None
    assert api.one("accounts/northwind-traders/") == made


def test_no_primary_key_is_shown(api, product, amelia, bruno):
    made = api.post("accounts/", FULL).json()
    assert "pk" not in made
    assert "id" not in made


def test_what_the_key_did_is_in_the_audit_trail_as_its_user_through_the_api(api, product, amelia, bruno):
    api.post("accounts/", FULL)
    entry = AuditEntry.objects.get(verb="account.create")
    assert entry.door == "api"
    assert entry.actor_id == AccountEvent.objects.get(kind="account.created").actor_id is not None


def test_value_is_accepted_for_the_id(api, product):
    made = api.post("accounts/", {"name": "A", "external_ids": [{"source": "product", "value": "x"}]})
    assert made.json()["external_ids"] == [{"source": "product", "id": "x"}]


@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        ({"external_ids": [{"source": "prodct", "id": "1"}]}, "external_ids[0].source", "There are: product."),
        ({"external_ids": [{"source": "product"}]}, "external_ids[0].id", "Say once"),
        ({"external_ids": [{"source": "product", "id": "1", "value": "2"}]}, "external_ids[0].id", "Say once"),
        ({"external_ids": {"source": "product", "id": "1"}}, "external_ids", "Expected a list"),
        ({"csm": "amelie"}, "csm", "There are: amelia"),
        ({"csm": "amelia", "team": {"csm": "bruno"}}, "csm", "once"),
        ({"team": {"chef": "amelia"}}, "team.chef", "Unknown field"),
        ({"team": {"ae": "nobody"}}, "team.ae", "There are: amelia"),
        ({"team": []}, "team", "Expected a JSON object"),
        ({"nmae": "x"}, "nmae", "Unknown field"),
        ({"key": "mine"}, "key", "Unknown field"),
        ({"parent": "nowhere"}, "parent", "There is no account 'nowhere'"),
        ({"state": "happy"}, "state", "not a valid choice"),
        ({"employees": 10**30}, "employees", "less than or equal"),
        ({"employees": -1}, "employees", "greater than or equal"),
        ({"employees": "many"}, "employees", "integer"),
        ({"name": ""}, "name", "blank"),
        ({"name": None}, "name", "null"),
        ({"name": ["x"]}, "name", "Not a valid string"),
        ({"name": "x" * 201}, "name", "200"),
        ({"time_zone": "Mars/Olympus"}, "time_zone", "no time zone"),
        ({"budget_month": 13}, "budget_month", "less than or equal"),
        ({"tech_stack": "dbt"}, "tech_stack", "Expected a list"),
        ({"tech_stack": [{}]}, "tech_stack[0]", "Not a valid string"),
    ],
)
def test_every_wrong_field_is_named_and_nothing_is_created(api, product, amelia, bruno, change, field, says):
    errors = problems(api.post("accounts/", {"name": "A"} | change))
    assert list(errors) == [field]
    assert says in errors[field]
    assert not Account.objects.exists()


def test_all_wrong_fields_are_named_at_once(api, product):
    errors = problems(api.post("accounts/", {"nmae": "x", "employees": "many"}))
    assert errors.keys() == {"nmae", "employees", "name"}


def test_an_id_that_names_another_account_leaves_nothing_behind(api, northwind):
    errors = problems(api.post("accounts/", FULL | {"team": {}, "name": "Other"}))
    assert "already calls another account 'acct-42'" in errors["external_ids"]
    assert Account.objects.get() == northwind
    assert AccountMember.objects.count() == 1


def test_a_change_sets_what_is_given_and_leaves_the_rest(api, northwind, bruno):
    changed = api.patch("accounts/northwind-traders/", {"industry": "Food", "team": {"ae": "bruno"}})
    assert changed.status_code == 200, changed.content
    assert changed.json()["industry"] == "Food"
    assert changed.json()["name"] == "Northwind Traders"
    assert changed.json()["team"] == {"csm": "amelia", "ae": "bruno"}
    assert AccountEvent.objects.filter(kind="account.changed").count() == 1


def test_null_makes_a_part_vacant(api, northwind):
    assert api.patch("accounts/northwind-traders/", {"csm": None}).json()["csm"] is None
    assert not AccountMember.objects.exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [({"external_ids": []}, "external_ids"), ({"key": "x"}, "key"), ({"name": ""}, "name"), ({"state": 1}, "state")],
)
def test_a_wrong_change_is_refused_whole(api, northwind, change, field):
    assert list(problems(api.patch("accounts/northwind-traders/", change | {"industry": "Food"}))) == [field]
    northwind.refresh_from_db()
    assert northwind.industry == ""


def test_an_account_cannot_stand_below_itself(api, northwind):
    child = api.post("accounts/", {"name": "Child", "parent": "northwind-traders"}).json()
    assert child["parent"] == "northwind-traders"
    errors = problems(api.patch("accounts/northwind-traders/", {"parent": "child"}))
    assert "outside its own tree" in errors["parent"]


def test_lists_are_filtered(api, northwind, carla):
    api.post("accounts/", {"name": "Other Co", "state": "churned", "csm": "carla", "parent": "northwind-traders"})

    def names(**filters):
        return [account["name"] for account in api.list("accounts/", **filters)]

    assert names() == ["Northwind Traders", "Other Co"]
    assert names(state="churned") == ["Other Co"]
    assert names(owner="amelia") == ["Northwind Traders"]
    assert names(owner="nobody") == []
    assert names(search="other") == ["Other Co"]
    assert names(parent="northwind-traders") == ["Other Co"]
    assert names(stage="adopted") == []


def test_a_further_id_is_linked_and_found(api, northwind):
    made = api.post("external-ids/", {"account": "northwind-traders", "source": "product", "id": "acct-43"})
    assert made.status_code == 201, made.content
    assert made.json() == {"account": "northwind-traders", "source": "product", "id": "acct-43"}
    [found] = api.list("external-ids/", source="product", id="acct-43")
    assert found["account"] == "northwind-traders"
    assert ExternalId.objects.count() == 2


def test_an_id_names_one_account(api, northwind):
    api.post("accounts/", {"name": "Other"})
    errors = problems(api.post("external-ids/", {"account": "other", "source": "product", "id": "acct-42"}))
    assert "already calls another account" in errors["id"]


def test_a_csm_creates_accounts_that_she_will_see_and_no_others(as_user, amelia):
    session = as_user(amelia)
    assert "put yourself on its team" in problems(session.post("accounts/", {"name": "Mine"}))["team"]
    assert not Account.objects.exists()
    assert session.post("accounts/", {"name": "Mine", "csm": "amelia"}).status_code == 201
