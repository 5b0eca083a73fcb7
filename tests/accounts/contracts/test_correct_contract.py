"""An amount that was entered wrongly is put right: nothing was sold or lost, and the ledger says so from day one."""

import datetime as dt
from collections import Counter

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError

from accounts.contracts import services as contracts
from accounts.contracts.models import ArrMovement
from accounts.contracts.queries import arr_minor_on, commercials
from accounts.foundation.models import AuditEntry
from accounts.portfolio.models import AccountEvent
from tests.accounts.contracts.test_contracts import END, NEXT_START, START, cancel, ledger, renew, sign
from tests.factories.accounts import AT, AccountFactory
from tests.threads import at_once

LATER = AT + dt.timedelta(days=90)
DAY = dt.timedelta(days=1)


@pytest.fixture
def account(db):
    return AccountFactory(key="northwind")


def correct(contract, arr, reason="A zero too many"):
    contract.refresh_from_db()
    return contracts.correct(contract, arr_minor=arr, reason=reason, by=None, at=LATER)


def by_kind(account) -> dict[str, int]:
    """What the ledger adds up to, as a rate of retention reads it."""
    found = Counter()
    for kind, amount, _ in ledger(account):
        found[kind] += amount
    return {kind: amount for kind, amount in found.items() if amount}


def test_a_typing_mistake_is_no_contraction(account):
    contract = sign(account, 48_000_000)
    correct(contract, 4_800_000)
    assert by_kind(account) == {"new": 4_800_000}
    assert arr_minor_on(account, START) == 4_800_000
    assert arr_minor_on(account, START - DAY) == 0
    contract.refresh_from_db()
    assert contract.arr_minor == 4_800_000
    assert commercials([account.pk], today=START)[account.pk].arr_minor == 4_800_000


def test_what_was_booked_stays_and_tells_what_we_knew_then(account):
    contract = sign(account, 48_000_000)
    correct(contract, 4_800_000)
    first, correction = ArrMovement.objects.order_by("pk")
    assert (first.amount_minor, first.recorded_at) == (48_000_000, AT)
    assert (correction.corrects, correction.recorded_at, correction.effective_on) == (first, LATER, START)
    known = ArrMovement.objects.filter(recorded_at__lt=LATER)
    assert sum(row.amount_minor for row in known) == 48_000_000
    with pytest.raises(ProtectedError), transaction.atomic():
        first.delete()


def test_the_reason_stands_in_the_trail_and_in_the_timeline(account):
    contract = sign(account, 48_000_000)
    correct(contract, 4_800_000, "  A zero too many ")
    entry = AuditEntry.objects.get(verb="contract.correct")
    assert entry.before == {"arr_minor": 48_000_000}
    assert entry.after == {"arr_minor": 4_800_000, "because": "A zero too many"}
    assert AuditEntry.objects.filter(verb="arr.correct").count() == 1
    event = AccountEvent.objects.get(kind="contract.corrected")
    assert event.data == {"from": 48_000_000, "to": 4_800_000, "currency": "USD", "reason": "A zero too many"}


@pytest.mark.parametrize(
    ("signed", "right", "kinds"),
    [
        (6_000_000, 5_000_000, {"new": 4_800_000, "expansion": 200_000}),
        (6_000_000, 4_000_000, {"new": 4_800_000, "contraction": -800_000}),
        (6_000_000, 4_800_000, {"new": 4_800_000}),
        (6_000_000, 0, {"new": 4_800_000, "churn": -4_800_000}),
        (4_800_000, 6_000_000, {"new": 4_800_000, "expansion": 1_200_000}),
        (0, 3_000_000, {"new": 4_800_000, "contraction": -1_800_000}),
    ],
)
def test_a_renewal_is_corrected_to_what_it_really_moved(account, signed, right, kinds):
    renewal = renew(account, sign(account), signed)
    correct(renewal, right)
    assert by_kind(account) == kinds
    assert arr_minor_on(account, NEXT_START) == right
    assert arr_minor_on(account, END) == 4_800_000


def test_correcting_a_contract_that_was_replaced_corrects_the_change_too(account):
    first = sign(account, 4_800_000)
    renew(account, first, 6_000_000)
    correct(first, 5_000_000)
    assert by_kind(account) == {"new": 5_000_000, "expansion": 1_000_000}
    assert arr_minor_on(account, NEXT_START) == 6_000_000


def test_a_first_contract_entered_as_nothing_was_no_beginning_of_the_second(account):
    first = sign(account, 0)
    renew(account, first, 4_800_000)
    correct(first, 4_800_000)
    assert by_kind(account) == {"new": 4_800_000}
    assert arr_minor_on(account, START) == 4_800_000


def test_notice_takes_with_it_what_was_really_agreed(account):
    contract = sign(account, 48_000_000)
    cancel(contract)
    correct(contract, 4_800_000)
    assert by_kind(account) == {"new": 4_800_000, "churn": -4_800_000}
    assert arr_minor_on(account, END) == 0
    assert arr_minor_on(account, END - DAY) == 4_800_000


def test_a_correction_of_a_correction_counts_once(account):
    contract = sign(account, 48_000_000)
    for right in (4_800_000, 0, 4_900_000, 4_800_000):
        correct(contract, right)
        assert by_kind(account) == ({"new": right} if right else {})
    assert arr_minor_on(account, START) == 4_800_000


def test_another_contract_of_the_same_day_keeps_what_it_is(account):
    first, second = sign(account, 1_000_000), sign(account, 500_000)
    assert by_kind(account) == {"new": 1_000_000, "expansion": 500_000}
    correct(first, 1_200_000)
    correct(second, 400_000)
    assert by_kind(account) == {"new": 1_200_000, "expansion": 400_000}


@pytest.mark.parametrize(
    ("right", "reason", "field"),
    [(4_800_000, "Nothing", "arr_minor"), (-1, "Less", "arr_minor"), (1, " ", "reason"), (1, "x" * 251, "reason")],
)
def test_what_corrects_nothing_is_refused_and_nothing_happens(account, right, reason, field):
    contract = sign(account)
    with pytest.raises(ValidationError) as refused:
        correct(contract, right, reason)
    assert set(refused.value.message_dict) == {field}
    assert ArrMovement.objects.count() == 1
    assert not AccountEvent.objects.filter(kind="contract.corrected").exists()


@pytest.mark.django_db(transaction=True)
def test_two_who_correct_at_once_add_up_to_what_the_second_one_says():
    account = AccountFactory()
    first = sign(account, 48_000_000)
    second = renew(account, first, 48_000_000)
    at_once(lambda: correct(first, 4_800_000), lambda: correct(second, 5_000_000))
    assert by_kind(account) == {"new": 4_800_000, "expansion": 200_000}
