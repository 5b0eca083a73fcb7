"""Users of the product over the API: listed, and recognised as stakeholders of their account."""

import pytest

from accounts.foundation.models import AuditEntry
from tests.api.conftest import problems
from tests.factories.accounts import ProductUserFactory, StakeholderFactory

USERS = "product-users/"


@pytest.fixture
def eve(northwind):
    return ProductUserFactory(account=northwind, external_id="eve", email="Eve@northwind.example", name="")


def test_those_whom_nobody_recognised_are_listed_and_recognised(api, eve, northwind):
    ada = StakeholderFactory(account=northwind)
    ProductUserFactory(account=northwind, stakeholder=ada)
    [listed] = api.list(USERS, account=northwind.key, is_recognised="false")
    assert (listed["id"], listed["external_id"], listed["stakeholder"]) == (eve.pk, "eve", None)
    answer = api.post(f"{USERS}{eve.pk}/recognise/", {"stakeholder": ada.pk})
    assert answer.json()["stakeholder"] == ada.pk
    assert {row["id"] for row in api.list(USERS, stakeholder=ada.pk)} >= {eve.pk}
    assert AuditEntry.objects.get(verb="product_user.recognise").after == {"stakeholder": ada.pk}
    assert api.post(f"{USERS}{eve.pk}/recognise/", {"stakeholder": None}).json()["stakeholder"] is None


def test_they_are_found_by_address_and_by_what_the_source_calls_them(api, eve):
    ProductUserFactory(account=eve.account)
    assert [row["id"] for row in api.list(USERS, email="eve@northwind.example")] == [eve.pk]
    assert [row["id"] for row in api.list(USERS, source=eve.source.key, external_id="eve")] == [eve.pk]


def test_somebody_of_another_account_is_refused(api, eve):
    stranger = StakeholderFactory()
    refused = problems(api.post(f"{USERS}{eve.pk}/recognise/", {"stakeholder": stranger.pk}))
    assert "another account" in refused["stakeholder"]
    eve.refresh_from_db()
    assert eve.stakeholder is None


@pytest.mark.parametrize("body", [{}, {"stakeholder": "ada"}, {"stakeholder": 10**15}, {"stakeholder": True}])
def test_what_names_no_stakeholder_is_refused(api, eve, body):
    assert "stakeholder" in problems(api.post(f"{USERS}{eve.pk}/recognise/", body))


def test_users_of_accounts_that_are_not_yours_do_not_exist(as_user, eve, carla):
    api = as_user(carla)
    assert api.list(USERS) == []
    assert api.post(f"{USERS}{eve.pk}/recognise/", {"stakeholder": None}).status_code == 404


def test_a_key_that_reads_changes_nothing(with_key, eve):
    assert with_key("read").post(f"{USERS}{eve.pk}/recognise/", {"stakeholder": None}).status_code == 403
