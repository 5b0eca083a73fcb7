"""So many calls a minute for each caller, and what every answer says of it."""

import re

import pytest

from accounts.throttling import services
from tests.api.conftest import Api, problems
from tests.threads import at_once


@pytest.fixture(autouse=True)
def _ten_a_minute(settings):
    settings.API_RATE = 10
    services._held.clear()
    yield
    services._held.clear()


def test_the_eleventh_call_of_a_minute_is_refused(api, northwind):
    answers = [api.get("accounts/") for _ in range(11)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    problems(answers[-1], 429)
    assert answers[-1].json()["code"] == "throttled"
    assert "Retry-After" in answers[-1].json()["remedy"]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60


def test_a_refused_call_changes_nothing(api):
    for _ in range(10):
        api.get("me/")
    problems(api.post("accounts/", {"name": "Acme"}), 429)
    from accounts.portfolio.models import Account

    assert not Account.objects.exists()


def test_every_answer_says_how_much_is_left(api):
    answers = [api.get("accounts/"), api.get("accounts/", limit="wrong"), api.get("accounts/nothing/"), api.get("me/")]
    assert [answer.status_code for answer in answers] == [200, 400, 404, 200]
    for answer, left in zip(answers, (9, 8, 7, 6), strict=True):
        assert answer.headers["RateLimit-Policy"] == '"caller";q=10;w=60'
        said = re.fullmatch(r'"caller";r=(\d+);t=(\d+)', answer.headers["RateLimit"])
        assert int(said[1]) == left
        assert 0 < int(said[2]) <= 60


def test_callers_do_not_count_for_each_other(with_key):
    one, other = with_key("read"), with_key("read")
    for _ in range(11):
        one.get("me/")
    assert other.get("me/").status_code == 200


def test_a_forged_address_changes_nothing(api):
    answers = [
        api.client.get("/api/v1/me/", headers=api.headers | {"X-Forwarded-For": f"198.51.100.{n}"}).status_code
        for n in range(12)
    ]
    assert answers == [200] * 10 + [429] * 2


def test_without_a_limit_nothing_is_counted(api, settings):
    settings.API_RATE = 0
    answers = [api.get("me/") for _ in range(12)]
    assert {answer.status_code for answer in answers} == {200}
    assert "RateLimit" not in answers[0].headers


@pytest.mark.django_db(transaction=True)
def test_forty_calls_at_once_are_ten(transactional_db, write_key):
    answers = at_once(*[lambda: Api(write_key).get("me/").status_code] * 40)  # each has a connection of its own
    assert (answers.count(200), answers.count(429)) == (10, 30)
