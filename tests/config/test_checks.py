"""`manage.py check` refuses database settings under which the promises about concurrency do not hold."""

import copy

import pytest
from django.core.checks import run_checks
from django.db import connections

from config import checks
from config.env import POSTGRESQL, SQLITE

GOOD = {"ENGINE": "django.db.backends.sqlite3", **SQLITE}


def found(**options):
    settings = copy.deepcopy(GOOD)
    settings["OPTIONS"] |= options
    return [problem.id for problem in checks.problems_of(settings)]


def test_the_settings_of_an_installation_are_good():
    assert checks.problems_of(GOOD) == []
    assert checks.problems_of({"ENGINE": "django.db.backends.postgresql", **POSTGRESQL}) == []


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"transaction_mode": "DEFERRED"}, "holdfast.E002"),
        ({"transaction_mode": None}, "holdfast.E002"),
        ({"init_command": "PRAGMA journal_mode=DELETE;"}, "holdfast.E003"),
        ({"init_command": None}, "holdfast.E003"),
        ({"timeout": 5}, "holdfast.E004"),
        ({"timeout": None}, "holdfast.E004"),
    ],
)
def test_names_what_is_wrong_on_sqlite(options, problem):
    assert found(**options) == [problem]


@pytest.mark.parametrize(
    "options",
    [
        {"transaction_mode": "immediate"},
        {"init_command": "pragma synchronous=NORMAL; pragma journal_mode = wal"},
        {"timeout": 60},
        {"timeout": 20.0},
    ],
)
def test_accepts_other_ways_to_say_it(options):
    assert found(**options) == []


@pytest.mark.parametrize("engine", ["sqlite3", "postgresql"])
def test_refuses_a_transaction_around_each_request(engine):
    [problem] = checks.problems_of({**GOOD, "ENGINE": f"django.db.backends.{engine}", "ATOMIC_REQUESTS": True})
    assert problem.id == "holdfast.E001"
    assert "ATOMIC_REQUESTS" in problem.hint


def test_every_problem_is_told_with_its_remedy():
    problems = checks.problems_of({"ENGINE": "django.db.backends.sqlite3"})
    assert [problem.id for problem in problems] == ["holdfast.E002", "holdfast.E003", "holdfast.E004"]
    assert all("in DATABASES" in problem.hint for problem in problems)


def test_is_part_of_the_check_command(monkeypatch):
    assert [problem for problem in run_checks() if str(problem.id).startswith("holdfast")] == []
    monkeypatch.setitem(connections["default"].settings_dict, "ATOMIC_REQUESTS", True)
    assert [problem.id for problem in run_checks() if str(problem.id).startswith("holdfast")] == ["holdfast.E001"]


def test_the_database_is_what_the_settings_say(transactional_db):
    connection = connections["default"]
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        pragmas = [cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "foreign_keys")]
    assert pragmas == ["wal", 1]


@pytest.mark.parametrize(
    ("values", "problems"),
    [
        ({}, []),
        ({"PUBLIC_URL": "https://holdfast.example", "TRUSTED_PROXIES": ["10.0.0.7"]}, []),
        ({"PUBLIC_URL": "http://holdfast.example", "TRUSTED_PROXIES": ["10.0.0.7"]}, ["holdfast.W001"]),
        ({"ALLOWED_HOSTS": ["holdfast.example", "*"]}, ["holdfast.W002"]),
        ({"PUBLIC_URL": "https://holdfast.example"}, ["holdfast.W003"]),
        ({"TRUSTED_PROXIES": ["0.0.0.0/0"]}, ["holdfast.W004"]),
        ({"TRUSTED_PROXIES": ["::/0"]}, ["holdfast.W004"]),
    ],
)
def test_what_others_reach_is_warned_about_before_it_is_put_there(settings, values, problems):
    settings.PUBLIC_URL, settings.TRUSTED_PROXIES = "http://127.0.0.1:8000", []
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    for name, value in values.items():
        setattr(settings, name, value)
    found = run_checks(tags=["security"], include_deployment_checks=True)
    assert [one.id for one in found if one.id.startswith("holdfast.")] == problems
    assert all(one.hint for one in found if one.id.startswith("holdfast."))


@pytest.mark.parametrize(
    ("values", "missing"),
    [
        (("", "", ""), ""),
        (("https://login.example", "us", "secret"), ""),
        (("https://login.example", "us", ""), "OIDC_CLIENT_SECRET"),
        (("", "us", "secret"), "OIDC_ISSUER"),
    ],
)
def test_single_sign_on_is_set_up_wholly_or_not_at_all(settings, values, missing):
    settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = values
    found = [problem.msg for problem in checks.single_sign_on()]
    assert found == ([f"Single sign-on is set up by half: {missing} is not set."] if missing else [])


@pytest.mark.parametrize(
    ("issuer", "is_good"),
    [
        ("https://login.example", True),
        ("http://127.0.0.1:8400/realm", True),
        ("http://login.example", False),
        ("login.example", False),
    ],
)
def test_a_provider_is_asked_over_a_connection_that_nobody_changes(settings, issuer, is_good):
    settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = issuer, "us", "secret"
    assert [problem.id for problem in checks.single_sign_on()] == ([] if is_good else ["holdfast.E011"])


@pytest.mark.parametrize(
    ("address", "is_good"),
    [
        ("http://127.0.0.1:8000", True),
        ("https://holdfast.example", True),
        ("holdfast.example", False),
        ("holdfast.example:8000", False),
        ("https://", False),
        ("ftp://holdfast.example", False),
    ],
)
def test_links_that_are_sent_lead_to_a_web_site(settings, address, is_good):
    settings.PUBLIC_URL = address
    assert [problem.id for problem in checks.public_url()] == ([] if is_good else ["holdfast.E012"])
