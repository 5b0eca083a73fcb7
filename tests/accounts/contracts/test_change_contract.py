"""What may change of a contract without signing a new one."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from accounts.contracts import services as contracts
from accounts.contracts.models import Contract
from accounts.foundation.models import AuditEntry
from accounts.portfolio.models import AccountEvent
from tests.factories.accounts import AT, ContractFactory


@pytest.fixture
def contract(db):
    return ContractFactory()


def change(contract, **values) -> Contract:
    return contracts.change(contract, by=None, at=AT, **values)


def test_billing_targets_and_statement_of_work_change_and_are_told(contract):
    change(contract, billing_status="overdue", usage_fact="events_month", usage_target=Decimal(5000), sow="SOW-7")
    contract.refresh_from_db()
    assert (contract.billing_status, contract.usage_target, contract.sow) == ("overdue", 5000, "SOW-7")
    [event] = AccountEvent.objects.all()
    assert event.data["changed"]["usage_target"] == "5000"
    assert AuditEntry.objects.get(verb="contract.change").before["billing_status"] == "current"


def test_saying_the_same_again_changes_nothing(contract):
    change(contract, tier="Gold")
    change(contract, tier="Gold")
    assert AccountEvent.objects.count() == 1


@pytest.mark.parametrize("field", ["arr_minor", "ends_on", "product", "seats", "status"])
def test_what_was_signed_needs_a_new_contract(field, contract):
    with pytest.raises(ValidationError, match="sign a contract that replaces") as refused:
        change(contract, **{field: 5})
    assert field in refused.value.message_dict


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"billing_status": "late"}, "billing_status"),
        ({"usage_target": Decimal(0)}, "a_usage_target_is_positive"),
        ({"fair_use_limit": Decimal(-1)}, "a_fair_use_limit_is_positive"),
        ({"usage_fact": "Events a month"}, "usage_fact"),
        ({"tier": "x" * 61}, "tier"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_changes(values, field, contract):
    before = Contract.objects.values().get()
    with pytest.raises(ValidationError, match=field):
        change(contract, **values)
    assert Contract.objects.values().get() == before
    assert not AccountEvent.objects.exists()


def test_what_was_replaced_stays_as_it_was(db):
    with pytest.raises(ValidationError, match="was replaced"):
        change(ContractFactory(status="superseded"), tier="Gold")


@pytest.mark.parametrize(
    ("ends_on", "is_multi_year"),
    [(dt.date(2027, 12, 31), True), (dt.date(2027, 12, 30), False), (dt.date(2026, 12, 31), False)],
)
def test_a_term_of_two_years_is_multi_year(ends_on, is_multi_year):
    assert Contract(starts_on=dt.date(2026, 1, 1), ends_on=ends_on).is_multi_year is is_multi_year


def test_a_contract_is_replaced_by_one_other(contract):
    term = {"arr_minor": 1, "currency": "USD", "signed_at": AT, "starts_on": AT.date(), "ends_on": dt.date(2028, 1, 1)}
    new = contracts.sign(contract.account, by=None, at=AT, replaces=contract, **term)
    contract.refresh_from_db()
    assert (new.replaces, contract.replaced_by) == (contract, new)
