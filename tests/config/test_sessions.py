"""Sessions end by themselves, and an installation behind HTTPS has nothing left to be warned of."""

import datetime as dt
import os
import subprocess
import sys

import pytest
from django.test import Client

from config.env import BASE_DIR

HOME = "/admin/"


@pytest.fixture
def console(amelia):
    client = Client()
    client.force_login(amelia)
    return client


def test_a_session_that_is_used_goes_on(console, time_machine):
    began = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)
    for hours in range(0, 60, 20):
        time_machine.move_to(began + dt.timedelta(hours=hours), tick=False)
        assert console.get(HOME).status_code == 200


def test_a_session_that_is_left_alone_ends(console, time_machine):
    began = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)
    time_machine.move_to(began, tick=False)
    assert console.get(HOME).status_code == 200
    time_machine.move_to(began + dt.timedelta(hours=25), tick=False)
    left = console.get(HOME)
    assert (left.status_code, left["Location"]) == (302, "/admin/login/?next=/admin/")
    assert "signed out" in console.get(left["Location"]).content.decode()


def test_after_two_weeks_everybody_signs_in_again(console, time_machine):
    began = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)
    for days in range(15):
        time_machine.move_to(began + dt.timedelta(days=days), tick=False)
        last = console.get(HOME).status_code
    assert last == 200
    time_machine.move_to(began + dt.timedelta(days=14, hours=23), tick=False)
    assert console.get(HOME).status_code == 302


def test_nothing_is_left_to_warn_of_behind_https():
    environment = os.environ | {
        "TRUSTED_PROXIES": "127.0.0.1",
        "PUBLIC_URL": "https://holdfast.example",
        "SECRET_KEY": "k" * 60 + "0123456789",
    }
    environment |= {"DJANGO_SETTINGS_MODULE": "config.settings.base"}
    environment.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)  # the browser tests set it
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    done = subprocess.run(command, cwd=BASE_DIR, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
