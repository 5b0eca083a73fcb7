"""Who sees what over the REST API, by key and by session."""

from typing import Any

import pytest
from django.test import Client

from accounts.foundation.clock import now
from accounts.portfolio.models import Account
from accounts.stakeholders import services as stakeholders
from accounts.team import keys
from accounts.team.models import ApiKey, User
from plays.definitions.models import Play
from retention.work.models import WorkItem
from tests.api.conftest import Api, problems
from tests.cast import person, send, usage

SCOPED = [
    "accounts/",
    "external-ids/",
    "stakeholders/",
    "contracts/",
    "arr-movements/",
    "product-users/",
    "account-stages/",
    "stage-changes/",
    "runs/",
    "decisions/",
    "work-items/",
]


@pytest.fixture
def book(client: Client, api: Api, ingest_key: str, northwind: Account, usage_drop: Play, pump: Any) -> WorkItem:
    """Amelia's account with a row in every list; the work that came."""
    stakeholders.add(northwind, name="Ada Moreau", roles=["champion"], by=None, at=now())
    contract = {"account": northwind.key, "arr": "48000", "starts_on": "2026-01-01", "ends_on": "2099-12-31"}
    assert api.post("contracts/", contract).status_code == 201
    send(client, ingest_key, usage())
    pump()
    return WorkItem.objects.get()


def details(api: Api) -> list[str]:
    """The address of the first row of each scoped list."""
    found = [f"accounts/northwind-traders/{below}" for below in ("", "facts/", "timeline/")]
    for path in SCOPED:
        row = api.list(path)[0]
        if path not in ("accounts/", "external-ids/", "account-stages/"):
            found.append(f"{path}{row.get('key') or row['id']}/")
    return found


def test_a_csm_of_another_team_sees_nothing(book, api, as_user, carla):
    session = as_user(carla)
    assert {path: session.list(path) for path in SCOPED} == {path: [] for path in SCOPED}
    for path in details(api):
        problems(session.get(path), 404)


def test_a_csm_of_another_team_can_do_nothing(book, api, as_user, carla):
    session = as_user(carla)
    contract = api.list("contracts/")[0]["key"]
    user = api.list("product-users/")[0]["id"]
    person_id = api.list("stakeholders/")[0]["id"]
    for path, body in {
        f"work-items/{book.pk}/close/": {"outcome": "done"},
        f"work-items/{book.pk}/reassign/": {"assignee": "carla"},
        f"contracts/{contract}/cancel/": {},
        f"contracts/{contract}/correct/": {"arr": 1, "reason": "X"},
        f"product-users/{user}/recognise/": {"stakeholder": None},
    }.items():
        problems(session.post(path, body), 404)
    problems(session.patch("accounts/northwind-traders/", {"name": "Mine now"}), 404)
    problems(session.patch(f"stakeholders/{person_id}/", {"name": "X"}), 404)
    for path, body in {
        "stakeholders/": {"account": "northwind-traders", "name": "X"},
        "external-ids/": {"account": "northwind-traders", "source": "product", "id": "x"},
        "contracts/": {"account": "northwind-traders", "arr": 1, "starts_on": "2026-01-01", "ends_on": "2026-02-01"},
        "accounts/": {"name": "Mine", "csm": "carla", "parent": "northwind-traders"},
    }.items():
        errors = problems(session.post(path, body))
        assert "There is no account 'northwind-traders'" in "".join(errors.values())
    book.refresh_from_db()
    assert book.is_open
    assert Account.objects.get().name == "Northwind Traders"


@pytest.mark.parametrize("name", ["amelia", "bruno"])
def test_her_csm_and_her_manager_see_all_of_it(book, api, as_user, request, name):
    session = as_user(request.getfixturevalue(name))
    assert {path: len(session.list(path)) for path in SCOPED} == {path: len(api.list(path)) for path in SCOPED}
    for path in details(api):
        assert session.get(path).status_code == 200, path


def test_who_only_reads_changes_nothing(book, as_user):
    session = as_user(person("lea", role="leader", group=None))
    assert session.list("work-items/")
    problems(session.post(f"work-items/{book.pk}/close/", {"outcome": "done"}), 403)
    problems(session.patch("accounts/northwind-traders/", {"name": "X"}), 403)
    problems(session.post("plays/usage_drop/deactivate/"), 403)


def test_signals_and_quarantine_are_for_those_who_run_the_machine(as_user, olga, amelia, product):
    assert [source["key"] for source in as_user(olga).list("sources/")] == ["product"]
    problems(as_user(amelia).get("sources/"), 403)
    problems(as_user(amelia).get("quarantined-items/"), 403)


def test_plays_are_switched_by_those_who_define_them(as_user, with_key, olga, amelia):
    assert as_user(olga).post("plays/usage_drop/activate/").json()["is_active"] is True
    assert as_user(amelia).one("plays/usage_drop/")["is_active"] is True
    problems(as_user(amelia).post("plays/usage_drop/deactivate/"), 403)
    problems(with_key("write").post("plays/usage_drop/deactivate/"), 403)
    assert with_key("admin").post("plays/usage_drop/deactivate/").json()["is_active"] is False
    assert not as_user(olga).list("plays/", is_active="true")


def test_a_user_without_a_role_sees_nothing(starter):
    nobody = User.objects.create(username="nobody", is_staff=True)
    for path in (*SCOPED, "users/", "me/"):
        problems(Api(user=nobody).get(path), 403)


def test_a_session_needs_the_token_of_its_forms_to_change_anything(book, amelia):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(amelia)
    response = strict.post(f"/api/v1/work-items/{book.pk}/close/", {"outcome": "done"}, content_type="application/json")
    problems(response, 403)
    assert "CSRF" in response.json()["detail"]


@pytest.mark.parametrize("change", [{"revoked_at": now()}, {"expires_at": now()}])
def test_a_key_that_ended_is_refused(api, change):
    assert api.get("me/").status_code == 200
    ApiKey.objects.update(**change)
    problems(api.get("me/"), 401)


def test_a_key_ends_with_its_user(api):
    User.objects.update(is_active=False)
    problems(api.get("me/"), 401)


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer x y", "Bearer hf__", "Bearer é", "Basic eDp5", "Token x"]
)
def test_an_odd_header_is_refused(db, client, header):
    problems(client.get("/api/v1/me/", headers={"Authorization": header}), 401)


def test_who_asks_is_told_who_they_are(with_key, as_user, amelia, product, starter):
    me = with_key("read").one("me/")
    assert me["key"]["scope"] == "read"
    assert {"area": "accounts", "reach": "all", "access": "edit"} in me["grants"]
    mine = as_user(amelia).one("me/")
    assert (mine["username"], mine["role"], mine["team"], mine["key"]) == ("amelia", "csm", "east", None)


def test_people_and_teams_are_listed_without_the_users_of_keys(api, bruno, amelia):
    assert [user["username"] for user in api.list("users/")] == ["bruno", "amelia"]
    assert api.one("users/amelia/")["email"] == "amelia@anchor.example"
    assert [user["username"] for user in api.list("users/", search="amel")] == ["amelia"]
    assert api.one("teams/east/") == {"key": "east", "name": "East", "manager": "bruno", "members": ["amelia", "bruno"]}
    acting = keys.issue(name="other", scope="read", by=None, at=now())[0].user
    problems(api.get(f"users/{acting.username}/"), 404)
