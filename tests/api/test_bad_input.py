"""Whatever a program sends, the answer says what is wrong with it."""

import gzip
import json
import random
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account
from accounts.stakeholders.models import Stakeholder
from config.api import body
from tests.api.conftest import Api, problems

DEEP = "[" * 100_000 + "]" * 100_000
BODIES = {
    "cut off": ('{"name": ', "line 1 column 10"),
    "not utf-8": (b'{"name": "\xff\xfe"}', "position 10"),
    "a word": ("name", "line 1 column 1"),
    "NaN": ('{"employees": NaN}', "JSON"),
    "a huge number": ('{"employees": ' + "9" * 10_000 + "}", "JSON"),
    "too deep": (DEEP, "nested too deeply"),
    "NUL in a value": ('{"name": "a\\u0000b"}', "NUL"),
    "NUL in a name": ('{"na\\u0000me": "x"}', "NUL"),
    "NUL far below": ('{"tech_stack": [["\\u0000"]]}', "NUL"),
    "half a surrogate in a value": ('{"name": "a\\ud800b"}', "surrogate"),
    "half a surrogate in a name": ('{"\\udfff": "x"}', "surrogate"),
    "half a surrogate in a choice": ('{"name": "x", "state": "\\ud800"}', "surrogate"),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_is_no_json_is_refused_with_its_place(api, name):
    text, says = BODIES[name]
    response = api.post("accounts/", text)
    problems(response, 400)
    assert says in response.json()["detail"]
    assert not Account.objects.exists()


@pytest.mark.parametrize("value", [[], [{}], "text", 7, None, True, [["name"]]])
def test_a_body_that_is_no_object_is_refused(api, northwind, value):
    for path in ("accounts/", "stakeholders/", "contracts/", "external-ids/"):
        problems(api.post(path, json.dumps(value)), 400)
    problems(api.patch("accounts/northwind-traders/", json.dumps(value)), 400)


def test_a_body_beyond_the_limit_is_refused(api):
    problems(api.post("accounts/", json.dumps({"name": "x" * body.LARGEST})), 413)


def test_the_largest_body_is_read(api):
    text = json.dumps({"name": "x", "goals": "y" * 9_000})
    assert api.post("accounts/", text + " " * (body.LARGEST - len(text))).status_code == 201


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_another_kind_of_body_is_refused(api, kind):
    response = api.client.generic("POST", "/api/v1/accounts/", b"name=x", content_type=kind, headers=api.headers)
    problems(response, 415)


def test_a_packed_body_is_refused_where_nobody_unpacks_it(api):
    headers = api.headers | {"Content-Encoding": "gzip"}
    send = {"data": gzip.compress(b'{"name": "A"}'), "content_type": "application/json"}
    response = api.client.generic("POST", "/api/v1/accounts/", **send, headers=headers)
    problems(response, 415)
    assert "gzip" in response.json()["detail"]
    assert not Account.objects.exists()


@pytest.mark.parametrize("charset", ["utf-16", "zlib", "rot13", "nonsense"])
def test_the_charset_of_the_header_does_not_matter(api, charset):
    kind = f"application/json; charset={charset}"
    response = api.client.generic("POST", "/api/v1/accounts/", b'{"name": "A"}', content_type=kind, headers=api.headers)
    assert response.status_code == 201, response.content


@pytest.mark.parametrize(("accepts", "status"), [("text/html", 406), ("*/*", 200), ("text/html, */*;q=0.1", 200)])
def test_answers_are_json_or_a_problem(api, accepts, status):
    response = api.client.get("/api/v1/accounts/", headers=api.headers | {"Accept": accepts})
    assert response.status_code == status
    assert json.loads(response.content)


def test_a_format_that_nobody_makes_is_a_problem(api):
    response = api.get("accounts/", format="csv")
    problems(response, 406)
    assert "'csv'" in response.json()["detail"]


BAD_PARAMETERS = [
    ("accounts/", "state", "happy"),
    ("accounts/", "stat", "active"),
    ("accounts/", "search", "a\0b"),
    ("accounts/", "owner", "\0"),
    ("accounts/", "limit", "0"),
    ("accounts/", "limit", "501"),
    ("accounts/", "limit", "ten"),
    ("accounts/", "limit", "9" * 5000),
    ("accounts/", "cursor", "x"),
    ("accounts/", "cursor", "W10"),
    ("accounts/", "cursor", "é"),
    ("work-items/", "state", "closed"),
    ("work-items/", "kind", "chore"),
    ("work-items/", "unassigned", "perhaps"),
    ("work-items/", "due_before", "tomorrow"),
    ("work-items/", "due_before", "0001-01-01T00:00:00+14:00"),
    ("work-items/", "due_before", "9999-12-31T23:59:59-14:00"),
    ("work-items/", "due_before", "99999-01-01"),
    ("work-items/", "cursor", "W251bGwsIDFd"),
    ("contracts/", "ends_before", "2026-13-01"),
    ("contracts/", "status", "signed"),
    ("stakeholders/", "role", "boss"),
    ("runs/", "state", "running"),
    ("runs/", "account\0", "x"),
    ("decisions/", "outcome", "maybe"),
    ("stage-changes/", "cause", "magic"),
    ("quarantined-items/", "reason", "because"),
    ("sources/", "kind", "magic"),
    ("features/", "tier", "x"),
    ("users/", "is_active", "maybe"),
    ("plays/", "is_active", "2"),
    ("fact-definitions/", "state", "x"),
]


@pytest.mark.parametrize(("path", "name", "value"), BAD_PARAMETERS)
def test_a_wrong_parameter_is_named(api, path, name, value):
    assert list(problems(api.get(path, **{name: value}))) == [name]


def test_parameters_below_an_account_are_checked_too(api, northwind):
    for below in ("timeline/", "facts/"):
        assert "kindd" in problems(api.get(f"accounts/northwind-traders/{below}", kindd="x"))


CONTRACT = {"account": "northwind-traders", "arr": "48000.50", "starts_on": "2026-01-01", "ends_on": "2026-12-31"}


@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        ({"arr": "48000.505"}, "arr", "more decimals"),
        ({"arr": -1}, "arr", "greater than or equal"),
        ({"arr": 1e400}, "arr", ""),
        ({"arr": "NaN"}, "arr", "number"),
        ({"arr": "9" * 30}, "arr", "digits"),
        ({"arr": [1]}, "arr", "number"),
        ({"currency": "EUR"}, "currency", "kept in USD"),
        ({"currency": "DOLLARS"}, "currency", "3"),
        ({"starts_on": "yesterday"}, "starts_on", "YYYY-MM-DD"),
        ({"ends_on": "2025-12-31"}, "ends_on", "ends after it starts"),
        ({"ends_on": 20261231}, "ends_on", "format"),
        ({"signed_at": "0001-01-01T00:00:00+14:00"}, "signed_at", "out of range"),
        ({"seats": -1}, "seats", "greater than or equal"),
        ({"notice_days": 99999}, "notice_days", "less than or equal"),
        ({"auto_renews": "perhaps"}, "auto_renews", "boolean"),
        ({"replaces": "nothing"}, "replaces", "There is no contract"),
        ({"account": "nobody"}, "account", "There is no account"),
        ({"account": {"key": "northwind-traders"}}, "account", "Not a valid string"),
        ({"arr_minor": 1}, "arr_minor", "Unknown field"),
    ],
)
def test_a_wrong_contract_is_refused(api, northwind, change, field, says):
    text = json.dumps(CONTRACT | change).replace("Infinity", "1e400")
    errors = problems(api.post("contracts/", text))
    assert list(errors) == [field]
    assert says in errors[field]
    assert not api.list("contracts/")


def test_a_contract_is_read_as_it_was_written(api, northwind):
    made = api.post("contracts/", CONTRACT).json()
    assert (made["arr"], made["currency"], made["status"]) == ("48000.50", "USD", "active")
    assert api.one(f"contracts/{made['key']}/") == made
    larger = api.post("contracts/", CONTRACT | {"arr": 60000, "replaces": made["key"]}).json()
    assert api.one(f"contracts/{made['key']}/")["status"] == "superseded"
    assert "already" in problems(api.post("contracts/", CONTRACT | {"replaces": made["key"]}))["replaces"]
    assert api.post(f"contracts/{larger['key']}/cancel/").json()["status"] == "cancelled"
    problems(api.post(f"contracts/{larger['key']}/cancel/"), 409)


PERSON = {"account": "northwind-traders", "name": "Ada Moreau", "email": "ada@northwind.example", "roles": ["champion"]}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"roles": ["boss"]}, "roles[0]"),
        ({"roles": "champion"}, "roles"),
        ({"roles": [["champion"]]}, "roles[0]"),
        ({"email": "ada"}, "email"),
        ({"influence": "some"}, "influence"),
        ({"name": " "}, "name"),
        ({"last_engaged_at": "soon"}, "last_engaged_at"),
        ({"phone": "1"}, "phone"),
    ],
)
def test_a_wrong_stakeholder_is_refused(api, northwind, change, field):
    assert list(problems(api.post("stakeholders/", PERSON | change))) == [field]
    assert not Stakeholder.objects.exists()


def test_a_stakeholder_is_read_as_it_was_written_and_changed(api, northwind):
    made = api.post("stakeholders/", PERSON | {"roles": ["champion", "admin", "champion"]}).json()
    assert made["roles"] == ["admin", "champion"]
    changed = api.patch(f"stakeholders/{made['id']}/", {"title": "COO", "roles": ["executive_sponsor"]}).json()
    assert changed == made | {"title": "COO", "roles": ["executive_sponsor"]}
    assert api.list("stakeholders/", role="executive_sponsor", search="ada") == [changed]
    assert not api.list("stakeholders/", role="admin")
    assert "account" in problems(api.patch(f"stakeholders/{made['id']}/", {"account": "other"}))


def test_two_who_write_the_same_at_once_are_told(api, monkeypatch):
    def overtaken(**values: Any) -> None:
        raise IntegrityError("UNIQUE constraint failed: secret@example.com")

    monkeypatch.setattr(portfolio, "create", overtaken)
    response = api.post("accounts/", {"name": "A"})
    problems(response, 409)
    assert b"secret" not in response.content


def test_a_busy_database_says_when_to_come_again(api, monkeypatch):
    def busy(**values: Any) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(portfolio, "create", busy)
    response = api.post("accounts/", {"name": "A"})
    problems(response, 503)
    assert response.headers["Retry-After"] == "5"


PROFILE = settings(deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
FIELDS = {
    "accounts/": ["name", "parent", "csm", "team", "external_ids", "tech_stack", "state", "employees", "goals"],
    "contracts/": ["account", "arr", "currency", "signed_at", "starts_on", "ends_on", "seats", "replaces"],
    "stakeholders/": ["account", "name", "email", "roles", "influence", "last_engaged_at"],
    "external-ids/": ["account", "source", "id", "value"],
    "deals/": ["source", "external_id", "account", "name", "amount", "currency", "state", "closed_at", "owner"],
    "invoices/": ["source", "external_id", "account", "amount", "issued_on", "due_on", "state", "contract"],
    "tickets/": ["source", "external_id", "account", "subject", "severity", "tags", "opened_at", "requester"],
}


@pytest.mark.parametrize("path", FIELDS)
def test_nothing_that_is_json_breaks_it(api, product, path):
    calls = Client(raise_request_exception=True)

    @settings(
        max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
    )
    @given(st.dictionaries(st.sampled_from(FIELDS[path]), JSON, max_size=4))
    def answered(value: dict[str, Any]) -> None:
        response = calls.post(
            f"/api/v1/{path}", json.dumps(value), content_type="application/json", headers=api.headers
        )
        assert response.status_code in (201, 400), (value, response.content)

    answered()


def test_a_cursor_of_another_list_or_of_nobody_is_refused(api, northwind):
    for _ in range(30):
        wrong = "".join(random.choices("abcXYZ019-_=", k=random.randint(1, 40)))
        problems(api.get("work-items/", cursor=wrong))


def test_the_api_does_not_answer_with_pages(db):
    assert Api().get("accounts/").headers["Content-Type"] == "application/problem+json"
