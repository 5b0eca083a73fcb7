"""Starting a play from the page of an account."""

import pytest
from django.test import Client

from plays.definitions.models import Play
from plays.runs.models import Run


@pytest.fixture
def page(northwind):
    return f"/admin/accounts/account/{northwind.pk}/start-play/"


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_play_is_chosen_a_reason_given_and_it_runs_once(amelia, northwind, usage_drop, page):
    mine = signed_in(amelia)
    shown = mine.get(page).content.decode()
    assert "Start a play for Northwind" in shown
    wish = shown.partition('name="wish" value="')[2].partition('"')[0]
    given = {"play": Play.objects.get(key="usage_drop").pk, "reason": "They asked", "wish": wish}
    for _ in range(2):
        answer = mine.post(page, given, follow=True)
        assert "is running for Northwind" in answer.content.decode()
    assert Run.objects.count() == 1
    assert "started it by hand: They asked" in answer.content.decode()
    again = mine.post(page, given | {"wish": ""}, follow=True).content.decode()
    assert "did not start: A run is open" in again


def test_what_is_missing_is_said_beside_its_field(amelia, usage_drop, page):
    answer = signed_in(amelia).post(page, {})
    assert answer.status_code == 400
    text = answer.content.decode()
    assert "Choose the play to start." in text
    assert "Say in a few words why" in text
    assert not Run.objects.exists()


def test_an_account_of_others_is_not_there(usage_drop, page, carla):
    answer = signed_in(carla).get(page)
    assert answer.status_code in (302, 404)
