"""Retention in the console: the plan is shown first, and what is confirmed is what was shown."""

from typing import Any

import pytest
from django.test import Client

from accounts.keeping.models import KeptPeriod
from tests.cast import person
from tests.factories.accounts import VisitFactory

pytestmark = pytest.mark.django_db
PAGE = "/admin/periods/visits/"


@pytest.fixture
def console(starter: Any, client: Client) -> Client:
    client.force_login(person("root", role="administrator", group=None))
    return client


def test_every_kind_of_data_is_listed_with_its_period(console: Client) -> None:
    page = console.get("/admin/periods/").content.decode()
    assert "What was said in touches" in page
    assert "730 days" in page


def test_the_plan_changes_nothing_until_it_is_confirmed(console: Client) -> None:
    VisitFactory()
    shown = console.post(PAGE, {"days": "30"}).content.decode()
    assert '<span class="hf-strong">1 item</span> at the next run' in shown
    assert not KeptPeriod.objects.exists()
    done = console.post(PAGE, {"days": "30", "confirm": "30"}, follow=True).content.decode()
    assert "kept for 30 days from the next run on" in done
    assert KeptPeriod.objects.get().days == 30


def test_another_number_than_the_one_shown_is_shown_first(console: Client) -> None:
    console.post(PAGE, {"days": "20", "confirm": "30"})
    assert not KeptPeriod.objects.exists()


@pytest.mark.parametrize("days", ["", "many", "0", "401", "99999999999"])
def test_nonsense_is_answered_beside_the_field(console: Client, days: str) -> None:
    answer = console.post(PAGE, {"days": days, "confirm": days})
    assert answer.status_code == 400
    assert 'class="hf-error"' in answer.content.decode()
    assert not KeptPeriod.objects.exists()


def test_who_may_only_see_settings_reads_and_changes_nothing(starter: Any, client: Client) -> None:
    client.force_login(person("reader", role="operator", group=None))
    seen = client.get("/admin/periods/").status_code
    changed = client.post(PAGE, {"days": "30", "confirm": "30"}).status_code
    assert (seen, changed) in ((200, 403), (200, 302), (403, 403))
    assert KeptPeriod.objects.exists() == (changed == 302)
