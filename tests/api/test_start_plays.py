"""Starting a play over the API: for accounts the caller may see, once for a wish, or only planned."""

import pytest

from plays.decisions.models import Decision
from plays.runs.models import Run
from tests.api.conftest import problems

ADDRESS = "plays/usage_drop/start/"
REASON = "They asked for help"


def body(*accounts: str, **values: object) -> dict[str, object]:
    return {"accounts": list(accounts), "reason": REASON, **values}


def outcomes(answer) -> list[str]:
    return [one["outcome"] for one in answer.json()["results"]]


def test_a_play_starts_once_for_a_wish(api, northwind):
    asked = body(northwind.key, northwind.key, occurrence="ticket-4711")
    first = api.post(ADDRESS, asked)
    assert (first.status_code, outcomes(first)) == (201, ["fired"])
    assert api.post(ADDRESS, asked).json() == first.json()
    assert first.json()["results"][0]["started_because"] == REASON
    assert outcomes(api.post(ADDRESS, body(northwind.key))) == ["already_open"]
    assert Run.objects.count() == 1


def test_a_dry_run_answers_what_would_be_decided_and_starts_nothing(api, northwind):
    answer = api.post(ADDRESS, body(northwind.key, dry_run=True))
    assert (answer.status_code, answer.json()["results"]) == (
        200,
        [{"account": northwind.key, "outcome": "fired", "detail": ""}],
    )
    assert not Decision.objects.exists()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"accounts": []}, "accounts"),
        ({"accounts": ["nobody"]}, "accounts"),
        ({"accounts": "northwind"}, "accounts"),
        ({"reason": " "}, "reason"),
        ({"reason": "x" * 251}, "reason"),
        ({"occurrence": "a b"}, "occurrence"),
        ({"dry_run": "perhaps"}, "dry_run"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_bad_input_is_named_and_starts_nothing(api, northwind, values, field):
    errors = problems(api.post(ADDRESS, body(northwind.key) | values))
    assert any(name.startswith(field) for name in errors)
    assert not Decision.objects.exists()


def test_there_is_no_such_play(api, northwind):
    problems(api.post("plays/nothing/start/", body(northwind.key)), 404)
    problems(api.post("plays/No%20key/start/", body(northwind.key)), 404)
