"""What holds for every route of the REST API, those that do not exist yet included."""

import re

import pytest
import yaml
from django.urls import URLPattern
from openapi_spec_validator import validate

from accounts.foundation.scope import Area
from config.api.urls import router, urlpatterns
from tests.api.conftest import Api, problems

VERBS = ("get", "post", "put", "patch", "delete")
OUTSIDE = {"schema", "unknown"}


def view_of(pattern: URLPattern):
    return getattr(pattern.callback, "cls", None) or pattern.callback.view_class


def verbs_of(pattern: URLPattern) -> list[str]:
    actions = getattr(pattern.callback, "actions", None)
    return [verb for verb in VERBS if (verb in actions if actions else hasattr(view_of(pattern), verb))]


def address(pattern: URLPattern, value: str = "1") -> str:
    """The path of a route, with `value` for each of its parameters."""
    plain = str(pattern.pattern).removeprefix("^").removesuffix("$").removesuffix(r"\Z")
    return re.sub(r"\(\?P<\w+>[^)]*\)", value, plain)


def documented(pattern: URLPattern) -> str:
    """The path of a route as the OpenAPI document writes it."""
    plain = str(pattern.pattern).removeprefix("^").removesuffix("$").removesuffix(r"\Z")
    return "/api/v1/" + re.sub(r"\(\?P<(\w+)>[^)]*\)", r"{\1}", plain)


ROUTES = [pattern for pattern in urlpatterns if pattern.name not in OUTSIDE]
CALLS = [(pattern, verb) for pattern in ROUTES for verb in verbs_of(pattern)]


def test_there_are_routes_to_ask_about():
    assert len(router.registry) >= 18
    assert len(CALLS) >= 45


def test_every_route_declares_the_area_whose_grants_decide():
    undeclared = [address(pattern) for pattern in ROUTES if getattr(view_of(pattern), "area", None) not in Area.values]
    assert not undeclared


def test_the_area_is_the_one_of_the_rows():
    wrong = [
        prefix
        for prefix, viewset, _ in router.registry
        if viewset.area != viewset.queryset.model.AREA and not prefix.startswith("dead-letters")  # of many tables
    ]
    assert not wrong


def test_every_call_refuses_who_does_not_say_who_they_are(anonymous):
    for pattern, verb in CALLS:
        response = anonymous.send(verb.upper(), address(pattern))
        problems(response, 401)
        assert response.headers["WWW-Authenticate"] == "Bearer"


def test_every_call_refuses_a_wrong_key(db):
    for pattern, verb in CALLS:
        problems(Api("hf_000000000000_wrong").send(verb.upper(), address(pattern)), 401)


def test_every_call_refuses_a_key_for_signals(ingest_key):
    for pattern, verb in CALLS:
        problems(Api(ingest_key).send(verb.upper(), address(pattern)), 403)


def test_a_key_that_reads_changes_nothing(with_key):
    reader = with_key("read")
    for pattern, verb in CALLS:
        if verb != "get":
            problems(reader.send(verb.upper(), address(pattern)), 403)


def test_a_verb_that_a_route_does_not_know_is_405(with_key):
    caller = with_key("admin")
    for pattern in ROUTES:
        for verb in {*VERBS, "options"} - set(verbs_of(pattern)):
            problems(caller.send(verb.upper(), address(pattern)), 405)


@pytest.mark.parametrize("value", ["no-such-thing", "0", "9" * 40, "%00", "ZÜRICH", "..", "a'b", "%ED%A0%80", "-1"])
def test_what_does_not_exist_is_404(with_key, value):
    caller = with_key("admin")
    for pattern, verb in CALLS:
        if "(?P<" in str(pattern.pattern):
            problems(caller.send(verb.upper(), address(pattern, value)), 404)


def test_every_filter_refuses_a_number_that_no_row_can_have_or_finds_nothing(with_key, document):
    caller = with_key("admin")
    for path, operations in document["paths"].items():
        filters = [one["name"] for one in operations.get("get", {}).get("parameters", []) if one["in"] == "query"]
        for name in filters if "{" not in path else []:
            assert caller.get(path.removeprefix("/api/v1/"), **{name: "9" * 30}).status_code in (200, 400), (path, name)


def test_the_document_is_valid_openapi(document):
    validate(document)


def test_every_call_is_in_the_document_with_what_it_says_and_how_it_fails(document):
    for pattern, verb in CALLS:
        operation = document["paths"][documented(pattern)][verb]
        assert len(operation["description"].split()) >= 2, "the docstring of the view or its method"
        expected = {"400", "401", "403"} | ({"404"} if "{" in documented(pattern) else set())
        assert expected <= operation["responses"].keys()
        assert any(code.startswith("2") for code in operation["responses"])


def test_the_document_has_no_route_that_is_not_there(document):
    assert document["paths"].keys() == {documented(pattern) for pattern in ROUTES}


def test_the_document_is_yaml_too(with_key):
    response = with_key("read").get("schema/", format="yaml")
    assert yaml.safe_load(response.content)["info"]["title"] == "Holdfast"


def test_the_document_asks_who_reads_it(anonymous, as_user, amelia):
    problems(anonymous.get("schema/"), 401)
    assert as_user(amelia).get("schema/").status_code == 200


def test_the_document_is_generated_without_a_warning(capsys):
    from django.core.management import call_command

    call_command("spectacular", "--validate", "--fail-on-warn", "--file", "/dev/null")
    assert "Warning" not in capsys.readouterr().err


@pytest.mark.parametrize("verb", ["GET", "POST"])
@pytest.mark.parametrize("path", ["", "nothing/", "accounts", "accounts/x/y/z/", "../v2/accounts/", "%ff/"])
def test_an_address_that_is_none_is_a_problem_and_no_page(anonymous, verb, path):
    response = anonymous.send(verb, path)
    problems(response, 404)
    assert "/api/v1/schema/" in response.json()["detail"]


@pytest.mark.parametrize("path", ["/api/", "/api/v2/accounts/", "/api/v1"])
def test_an_address_beside_the_version_is_a_problem_too(client, path):
    problems(client.get(path), 404)
