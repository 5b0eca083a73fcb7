"""Contracts and the ledger of recurring revenue: each change moves ARR by what it changed, once."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from accounts.contracts import services as contracts
from accounts.contracts.models import ArrMovement, Contract
from accounts.contracts.queries import arr_minor_on, commercials
from accounts.foundation.models import AuditEntry
from accounts.portfolio.models import AccountEvent
from accounts.workspace import services as workspace
from accounts.workspace.queries import forget_base_currency
from tests.factories.accounts import AT, AccountFactory
from tests.threads import at_once

START, END = dt.date(2026, 4, 1), dt.date(2027, 3, 31)
NEXT_START, NEXT_END = dt.date(2027, 4, 1), dt.date(2028, 3, 31)
DAY = dt.timedelta(days=1)


@pytest.fixture
def account(db):
    return AccountFactory(key="northwind")


def sign(account, arr=4_800_000, *, starts_on=START, ends_on=END, **values) -> Contract:
    given = {"arr_minor": arr, "currency": "USD", "signed_at": AT, "starts_on": starts_on, "ends_on": ends_on}
    return contracts.sign(account, **{**given, "by": None, "at": AT, **values})


def renew(account, old, arr) -> Contract:
    return sign(account, arr, starts_on=NEXT_START, ends_on=NEXT_END, replaces=old)


def cancel(contract) -> Contract:
    return contracts.cancel(contract, by=None, at=AT)


def ledger(account) -> list[tuple[str, int, dt.date]]:
    rows = ArrMovement.objects.filter(account=account).order_by("effective_on", "pk")
    return list(rows.values_list("kind", "amount_minor", "effective_on"))


def test_a_first_contract_is_new_revenue(account):
    contract = sign(account)
    assert ledger(account) == [("new", 4_800_000, START)]
    assert contract.status == Contract.Status.ACTIVE
    assert AccountEvent.objects.get().data == {"arr": 4_800_000, "currency": "USD"}


@pytest.mark.parametrize(
    ("arr", "movement"),
    [
        (6_000_000, ("expansion", 1_200_000, NEXT_START)),
        (3_000_000, ("contraction", -1_800_000, NEXT_START)),
        (0, ("churn", -4_800_000, NEXT_START)),
    ],
)
def test_a_renewal_moves_the_difference(arr, movement, account):
    old = sign(account)
    renew(account, old, arr)
    assert ledger(account) == [("new", 4_800_000, START), movement]
    assert Contract.objects.get(pk=old.pk).status == Contract.Status.SUPERSEDED


def test_a_renewal_at_the_same_price_moves_nothing(account):
    renew(account, sign(account), 4_800_000)
    assert len(ledger(account)) == 1
    assert arr_minor_on(account, NEXT_END) == 4_800_000


def test_a_second_contract_beside_the_first_is_expansion(account):
    sign(account)
    sign(account, 1_000_000)
    assert ledger(account) == [("new", 4_800_000, START), ("expansion", 1_000_000, START)]


def test_notice_ends_the_revenue_with_the_term(account):
    contract = sign(account, auto_renews=True)
    cancelled = cancel(contract)
    assert (cancelled.status, cancelled.auto_renews) == (Contract.Status.CANCELLED, False)
    assert ledger(account)[1] == ("churn", -4_800_000, END)
    assert AccountEvent.objects.latest("pk").data == {"until": "2027-03-31"}


def test_notice_of_one_of_two_contracts_is_contraction(account):
    sign(account)
    cancel(sign(account, 1_000_000))
    assert ledger(account)[-1] == ("contraction", -1_000_000, END)


def test_a_customer_who_comes_back_is_reactivation(account):
    cancel(sign(account))
    sign(account, 2_000_000, starts_on=dt.date(2028, 1, 1), ends_on=dt.date(2028, 12, 31))
    assert ledger(account)[-1] == ("reactivation", 2_000_000, dt.date(2028, 1, 1))


def test_arr_on_a_day_is_the_sum_of_the_movements_so_far(account):
    old = sign(account)
    cancel(renew(account, old, 6_000_000))
    days = [START - DAY, START, NEXT_START - DAY, NEXT_START, NEXT_END - DAY, NEXT_END]
    assert [arr_minor_on(account, day) for day in days] == [0, 4_800_000, 4_800_000, 6_000_000, 6_000_000, 0]
    assert arr_minor_on(AccountFactory(), START) == 0


def test_what_is_cancelled_cannot_be_cancelled_again(account):
    contract = sign(account)
    stale = Contract.objects.get(pk=contract.pk)
    cancel(contract)
    for again in (contract, stale):
        with pytest.raises(ValidationError, match="is cancelled already"):
            cancel(again)
    assert len(ledger(account)) == 2


def test_what_was_replaced_cannot_be_cancelled(account):
    """Its revenue is the new contract's by now: ending it would end what the customer goes on paying."""
    old = sign(account)
    renew(account, old, 4_800_000)
    with pytest.raises(ValidationError, match="is superseded already"):
        cancel(old)
    assert arr_minor_on(account, NEXT_END) == 4_800_000


@pytest.mark.parametrize("end", ["cancelled", "superseded"])
def test_what_has_ended_cannot_be_replaced(end, account):
    old = sign(account)
    stale = Contract.objects.get(pk=old.pk)
    cancel(old) if end == "cancelled" else renew(account, old, 1_000_000)
    before = ledger(account)
    with pytest.raises(ValidationError, match="without replacing it") as refused:
        renew(account, stale, 6_000_000)
    assert "replaces" in refused.value.message_dict
    assert ledger(account) == before


def test_a_contract_of_another_account_cannot_be_replaced(account):
    other = sign(AccountFactory())
    with pytest.raises(ValidationError, match="is not a contract of"):
        renew(account, other, 6_000_000)
    assert ledger(account) == []
    assert Contract.objects.get().status == Contract.Status.ACTIVE


def test_a_contract_in_another_currency_is_refused_with_the_remedy(account):
    with pytest.raises(ValidationError, match="kept in USD; convert") as refused:
        sign(account, currency="EUR")
    assert "currency" in refused.value.message_dict
    assert not Contract.objects.exists()


@pytest.fixture
def european(db):
    workspace.found(company="Anker", base_currency="EUR", by=None, at=AT)
    yield
    forget_base_currency()


def test_the_base_currency_is_the_workspaces(european, account):
    sign(account, currency="EUR")
    with pytest.raises(ValidationError, match="kept in EUR"):
        sign(account, currency="USD")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"arr": -1}, "arr_is_not_negative"),
        ({"ends_on": START}, "ends_on"),
        ({"seats": -5}, "seats"),
    ],
)
def test_refuses_what_is_no_contract_and_leaves_nothing(values, field, account):
    with pytest.raises(ValidationError, match=field):
        sign(account, **values)
    assert not Contract.objects.exists()
    assert not ArrMovement.objects.exists()
    assert not AccountEvent.objects.exists()


def test_each_change_is_in_the_trail(account):
    old = sign(account)
    cancel(renew(account, old, 6_000_000))
    verbs = list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == [
        "contract.sign",
        "arr.move",
        "contract.sign",
        "contract.supersede",
        "arr.move",
        "contract.cancel",
        "arr.move",
    ]


def test_two_who_cancel_at_once_end_it_once(transactional_db):
    account = AccountFactory()
    contract = sign(account)

    def try_to_cancel() -> str:
        try:
            cancel(Contract.objects.get(pk=contract.pk))
        except ValidationError as error:
            return error.messages[0]
        return "done"

    answers = sorted(at_once(*[try_to_cancel] * 4), key=len)
    assert answers[0] == "done"
    assert all("is cancelled already" in answer for answer in answers[1:])
    assert len(ledger(account)) == 2


def test_what_an_account_has_under_contract(account):
    old = sign(account)
    renew(account, old, 6_000_000)
    found = commercials([account.pk, AccountFactory().pk], today=START)
    assert found.keys() == {account.pk}
    assert found[account.pk].arr_minor == 4_800_000
    assert (found[account.pk].ends_on, found[account.pk].first_signed_at) == (NEXT_END, AT)
    assert commercials([account.pk], today=NEXT_START)[account.pk].arr_minor == 6_000_000


def test_asking_for_many_accounts_costs_no_more_than_for_one(account, django_assert_num_queries):
    ids = [account.pk]
    for _ in range(5):
        ids.append(AccountFactory().pk)
        sign(AccountFactory())
    with django_assert_num_queries(3):
        commercials(ids, today=START)
