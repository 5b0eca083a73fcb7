"""What holds for every test."""

import gc
import math
import os
from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
from django.db import connection
from django.test import TransactionTestCase

from accounts.facts import lookup
from accounts.sign_in import oidc, rules
from accounts.throttling import services as throttling
from accounts.workspace import queries as workspace
from config.env import environ
from tests import databases
from tests.once import forget, throw_old_ones_away

hypothesis.settings.register_profile(
    "patient", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)  # a busy machine is no defect of what is tested
hypothesis.settings.load_profile("patient")

pytest_plugins = ["tests.cast"]


def pytest_sessionstart(session: pytest.Session) -> None:
    if not hasattr(session.config, "workerinput"):
        throw_old_ones_away()


def pytest_collection_finish(session: pytest.Session) -> None:
    """What is loaded by now stays: looking for rings in it again and again took a twentieth of the time."""
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: Any) -> Iterator[None]:
    """The database of this process: a copy, made when the first test asks for it. `--reuse-db` would save nothing."""
    with databases.new(os.environ.get("TEST_DATABASE_URL", "")) as url, pytest.MonkeyPatch.context() as patched:
        patched.setattr(TransactionTestCase, "_fixture_teardown", lambda case: forget())
        connection.settings_dict["NAME"] = environ.Env.db_url_config(url)["NAME"]
        yield
        with django_db_blocker.unblock():
            connection.close()


@pytest.fixture(autouse=True)
def memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a process remembers for seconds: nothing of an earlier test, and all of it until this one ends.

    Otherwise a count of queries would tell how busy the machine is.
    """
    monkeypatch.setattr(lookup, "_KEPT_S", math.inf)
    monkeypatch.setattr(workspace, "_KEPT_S", math.inf)
    monkeypatch.setattr(throttling, "_held", {})
    lookup.forget_custom_facts()
    workspace.forget_base_currency()
    monkeypatch.setattr(rules, "_KEPT_S", math.inf)
    monkeypatch.setattr(rules, "_known", [(0.0, rules.Rules())])  # nobody's, until a test demands it
    oidc.forget()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI a skipped test is a failure: nobody reads a green run to find what it left out."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if not os.environ.get("CI") or reporter is None or hasattr(session.config, "workerinput"):
        return
    skipped = sorted({report.nodeid for report in reporter.stats.get("skipped", [])})
    if skipped:
        reporter.write_line("")
        reporter.write_line(f"CI runs every test, and these were skipped: {', '.join(skipped)}", red=True)
        session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED
