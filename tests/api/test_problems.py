"""Every way to be refused below /api/ is a problem of a kind that is explained."""

import json
import re
from typing import Any

import pytest
from django.test import Client
from rest_framework import exceptions

from accounts.idempotency import rest as idempotency
from accounts.team import rest
from config.api import body, problems
from config.api.kinds import KINDS
from tests.api import conftest

PLAIN = [
    exceptions.ValidationError,
    exceptions.ParseError,
    exceptions.AuthenticationFailed,
    exceptions.NotAuthenticated,
    exceptions.PermissionDenied,
    exceptions.NotFound,
    exceptions.MethodNotAllowed,
    exceptions.NotAcceptable,
    exceptions.UnsupportedMediaType,
    exceptions.Throttled,
]


def test_every_error_of_the_api_is_of_a_kind_that_is_explained():
    ours = [
        one
        for module in (idempotency, rest, body, problems)
        for one in vars(module).values()
        if isinstance(one, type) and issubclass(one, exceptions.APIException) and one is not exceptions.APIException
    ]
    assert len(ours) >= 8
    for one in [*PLAIN, *ours]:
        assert (one.default_code in KINDS, one.status_code) == (True, KINDS[one.default_code].status), one


@pytest.mark.parametrize("code", KINDS)
def test_what_a_type_leads_to_says_what_to_do(client, code):
    response = client.get(f"/api/problems/{code}/")
    assert response.status_code == 200
    kind = response.json()
    assert kind["type"] == f"/api/problems/{code}/"
    assert len(kind["title"].split()) <= 8
    assert kind["remedy"].endswith(".")


def test_all_kinds_are_listed(client):
    listed = client.get("/api/problems/").json()["results"]
    assert [kind["type"] for kind in listed] == [f"/api/problems/{code}/" for code in KINDS]
    conftest.problems(client.get("/api/problems/nothing/"), 404)
    assert client.post("/api/problems/").status_code == 405


def test_the_guide_explains_every_kind():
    from config.env import BASE_DIR

    guide = (BASE_DIR / "docs" / "guides" / "integrations.md").read_text()
    assert set(re.findall(r"^\| `([a-z_]+)` \|", guide, re.MULTILINE)) >= set(KINDS)


def test_a_fault_of_ours_is_a_problem_too_and_tells_nothing(api, monkeypatch):
    def broken(self: Any) -> Any:
        raise RuntimeError("secret words")

    monkeypatch.setattr("accounts.portfolio.api.AccountViewSet.get_queryset", broken)
    api.client.raise_request_exception = False
    response = api.get("accounts/")
    conftest.problems(response, 500)
    assert response.json()["type"] == "/api/problems/error/"
    assert b"secret" not in response.content


def test_a_host_that_is_not_ours_is_a_problem_below_api_and_a_page_elsewhere(db):
    conftest.problems(Client().get("/api/v1/accounts/", headers={"Host": "elsewhere.example"}), 400)
    page = Client().get("/admin/", headers={"Host": "elsewhere.example"})
    assert (page.status_code, page.headers["Content-Type"].partition(";")[0]) == (400, "text/html")


def test_a_session_without_its_token_is_a_problem(amelia):
    client = Client(enforce_csrf_checks=True)
    client.force_login(amelia)
    response = client.post("/api/v1/accounts/", json.dumps({"name": "x"}), content_type="application/json")
    conftest.problems(response, 403)
    assert "CSRF" in response.json()["detail"]


@pytest.mark.parametrize(
    ("verb", "path", "headers", "status"),
    [
        ("GET", "/api/v1/nothing/", {}, 404),
        ("GET", "/api/v1/accounts", {}, 404),
        ("POST", "/api/v1/fact-definitions/", {}, 405),
        ("GET", "/api/v1/accounts/", {"Accept": "text/html"}, 406),
        ("TRACE", "/api/v1/accounts/", {}, 405),
    ],
)
def test_each_refusal_names_its_kind(api, verb, path, headers, status):
    response = api.client.generic(verb, path, headers=api.headers | headers)
    conftest.problems(response, status)
    assert response.json()["type"].startswith("/api/problems/")
    if status == 405:
        assert response.headers["Allow"]
