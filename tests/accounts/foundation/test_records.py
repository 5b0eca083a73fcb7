"""A row is checked in few statements, and what is refused still says why."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.contracts.models import Contract
from tests.factories.accounts import AccountFactory, ContractFactory

DAY = dt.date(2026, 3, 1)


@pytest.fixture
def contract(db):
    return ContractFactory.build(account=AccountFactory(), starts_on=DAY, ends_on=DAY.replace(year=2027))


def refusals(contract):
    with pytest.raises(ValidationError) as refused:
        contract.full_clean()
    return [word for words in refused.value.message_dict.values() for word in words]


def test_all_checks_of_a_row_share_one_statement(contract):
    assert len(Contract._meta.constraints) > 4
    with CaptureQueriesContext(connection) as seen:
        contract.full_clean()
    assert len([one for one in seen if "_check" in one["sql"]]) == 1


def test_a_related_row_at_hand_is_not_looked_for_again(contract):
    with CaptureQueriesContext(connection) as seen:
        contract.full_clean()
    assert not [one for one in seen if "accounts_account" in one["sql"]]


def test_a_related_row_known_by_its_id_alone_is_looked_for(contract):
    contract.account_id = 10**9
    assert "account instance with id 1000000000 is not a valid choice." in refusals(contract)


def test_every_check_that_fails_is_told(contract):
    contract.arr_minor, contract.usage_target = -1, 0
    told = refusals(contract)
    assert "Constraint “arr_is_not_negative” is violated." in told
    assert "Constraint “a_usage_target_is_positive” is violated." in told


def test_a_field_that_is_wrong_hides_no_check_of_the_others(contract):
    contract.currency, contract.arr_minor = "far too long for a currency", -1
    assert "Constraint “arr_is_not_negative” is violated." in refusals(contract)


def test_what_is_unknown_is_not_refused(contract):
    contract.usage_target = contract.fair_use_limit = None
    with CaptureQueriesContext(connection) as seen:
        contract.full_clean()
    assert len([one for one in seen if "_check" in one["sql"]]) == 1, "they were asked one by one: one was refused"


def test_what_is_left_out_leaves_the_other_checks(contract):
    contract.starts_on, contract.arr_minor = None, -1
    with pytest.raises(ValidationError) as refused:
        contract.full_clean(exclude=["starts_on", "signed_at"])
    assert refused.value.messages == ["Constraint “arr_is_not_negative” is violated."]
