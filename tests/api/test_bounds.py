"""Limits and retention over the API."""

from typing import Any

import pytest

from accounts.keeping.models import KeptPeriod
from tests.api.conftest import Api, problems
from tests.factories.accounts import VisitFactory

pytestmark = pytest.mark.django_db


def test_the_api_plans_and_changes(with_key: Any) -> None:
    api: Api = with_key("admin")
    VisitFactory()
    planned = api.patch("retention-periods/visits/", {"days": 30, "dry_run": True}).json()
    assert (planned["days"], planned["goes_at_next_run"]) == (90, 1)
    assert not KeptPeriod.objects.exists()
    assert api.patch("retention-periods/visits/", {"days": 30}).json()["days"] == 30
    assert api.one("retention-periods/visits/")["days"] == 30


def test_the_api_names_the_bounds(with_key: Any) -> None:
    api: Api = with_key("admin")
    assert "Choose from 1 to 400 days" in str(problems(api.patch("retention-periods/visits/", {"days": 401})))
    assert api.get("retention-periods/nonsense/").status_code == 404
    assert api.patch("retention-periods/nonsense/", {"days": 4}).status_code == 404


def test_the_api_lists_limits_with_their_use(with_key: Any) -> None:
    api: Api = with_key("admin")
    found = {one["name"]: one for one in api.list("limits/")}
    assert found["signal_batch"]["value"] == 2500
    assert found["event_names"]["used"] == 0
    assert found["signal_batch"]["used"] is None
    assert api.one("limits/event_names/")["is_near"] is False
    assert api.get("limits/nonsense/").status_code == 404
