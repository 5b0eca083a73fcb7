"""What contracts and invoices add up to for each account."""

import datetime as dt
from decimal import Decimal

import pytest

from accounts.contracts import services as contracts
from accounts.contracts.models import Contract
from accounts.contracts.queries import commercials
from tests.factories.accounts import AT, AccountFactory, ContractFactory, InvoiceFactory

DAY = dt.timedelta(days=1)
START, END = dt.date(2026, 1, 1), dt.date(2026, 12, 31)
TODAY = dt.date(2026, 7, 1)
YEAR = 36_500_00
"""An ARR of 100 a day."""


@pytest.fixture
def account(db):
    return AccountFactory()


def sign(account, arr=YEAR, **values) -> Contract:
    given = {"currency": "USD", "signed_at": AT, "starts_on": START, "ends_on": END}
    return contracts.sign(account, arr_minor=arr, by=None, at=AT, **given | values)


def of(account, today=TODAY):
    return commercials([account.pk], today=today).get(account.pk)


def invoiced(account, amount, **values):
    return InvoiceFactory(account=account, amount_minor=amount, **{"issued_on": START, "due_on": END} | values)


def test_the_decision_is_due_a_notice_before_the_longest_contract_ends(account):
    sign(account, notice_days=90)
    sign(account, ends_on=END + 60 * DAY, notice_days=30, auto_renews=True)
    found = of(account)
    assert (found.decision_date, found.auto_renew) == (END + 30 * DAY, True)


def test_seats_are_those_of_the_contracts_that_run_today(account):
    sign(account, seats=20)
    sign(account, seats=5)
    sign(account, starts_on=END + DAY, ends_on=END + 300 * DAY, seats=100)
    sign(account)
    assert of(account).seats_bought == 25
    assert of(AccountFactory()) is None


def test_what_was_replaced_runs_until_its_successor_starts(account):
    old = sign(account, seats=20)
    sign(account, YEAR * 2, starts_on=END + DAY, ends_on=END + 365 * DAY, seats=50, replaces=old)
    assert of(account).seats_bought == 20
    assert of(account, today=END + DAY).seats_bought == 50
    assert of(account).ends_on == END + 365 * DAY


def test_seats_nobody_stated_are_unknown(account):
    sign(account)
    assert of(account).seats_bought is None


def test_billing_is_as_bad_as_the_worst_running_contract(account):
    sign(account, billing_status="overdue")
    sign(account, billing_status="current")
    sign(account, starts_on=dt.date(2024, 1, 1), ends_on=dt.date(2024, 12, 31), billing_status="failed")
    assert of(account).billing_status == "overdue"
    assert of(account, today=END + 9 * DAY).billing_status in ("overdue", "current")


def test_notice_counts_until_the_contract_has_ended_and_another_runs(account):
    contracts.cancel(sign(account), by=None, at=AT)
    assert of(account).cancel_notice_at == AT
    assert of(account, today=END + 99 * DAY).cancel_notice_at == AT
    sign(account, starts_on=END + 50 * DAY, ends_on=END + 400 * DAY)
    assert of(account, today=END + 99 * DAY).cancel_notice_at is None


def test_usage_terms_are_those_of_the_largest_running_contract_that_has_them(account):
    sign(account, YEAR * 3)
    sign(account, YEAR * 2, usage_fact="events_month", usage_target=Decimal(5000), fair_use_limit=Decimal(8000))
    sign(account, YEAR, usage_fact="seats", usage_target=Decimal(1))
    found = of(account)
    assert (found.usage_fact, found.usage_target, found.fair_use_limit) == ("events_month", 5000, 8000)


class TestLifetimeValue:
    """TODAY is day 182 of the year; 183 days of it are left after today."""

    def test_without_invoices_the_contracts_speak_for_themselves(self, account):
        sign(account)
        assert of(account).lifetime_value_minor == YEAR
        assert of(account, today=END + 900 * DAY).lifetime_value_minor == YEAR

    def test_invoices_that_name_their_contract_leave_what_is_not_invoiced_yet(self, account):
        contract = sign(account)
        invoiced(account, 10_000_00, contract=contract)
        assert of(account).lifetime_value_minor == YEAR
        invoiced(account, 40_000_00, contract=contract)
        assert of(account).lifetime_value_minor == 50_000_00

    def test_invoices_that_name_no_contract_leave_the_days_from_tomorrow_on(self, account):
        sign(account)
        invoiced(account, 5_000_00)
        assert of(account).lifetime_value_minor == 5_000_00 + 183 * 100_00

    def test_what_was_invoiced_stays_after_the_end(self, account):
        sign(account)
        invoiced(account, 5_000_00)
        assert of(account, today=END + DAY).lifetime_value_minor == 5_000_00

    def test_a_replaced_contract_counts_until_its_successor_starts(self, account):
        old = sign(account)
        sign(account, YEAR * 2, starts_on=TODAY, replaces=old)
        assert of(account).lifetime_value_minor == 181 * 100_00 + 184 * 200_00

    @pytest.mark.parametrize(
        "values", [{"state": "void"}, {"is_recurring": False}, {"issued_on": TODAY + DAY, "due_on": TODAY + 9 * DAY}]
    )
    def test_void_one_time_and_future_invoices_do_not_count(self, account, values):
        sign(account)
        invoiced(account, 5_000_00)
        before = of(account).lifetime_value_minor
        invoiced(account, 77_000_00, **values)
        assert of(account).lifetime_value_minor == before

    def test_a_credit_note_lowers_it(self, account):
        invoiced(account, 5_000_00)
        invoiced(account, -1_000_00)
        assert of(account).lifetime_value_minor == 4_000_00


def test_an_account_that_is_invoiced_without_a_contract_has_no_known_arr(account):
    invoiced(account, 5_000_00)
    found = of(account)
    assert (found.arr_minor, found.ends_on, found.lifetime_value_minor) == (None, None, 5_000_00)


def test_failed_and_late_payments_count_while_the_invoice_is_open(account):
    early, late = AT, AT + 5 * DAY
    for state, failed in (("open", early), ("open", late), ("void", late + DAY)):
        invoiced(account, 100, state=state, payment_failed_at=failed)
    invoiced(account, 100, state="paid", paid_on=END, payment_failed_at=late + 2 * DAY)
    assert of(account).payment_failed_at == late
    invoiced(account, 100, due_on=TODAY)
    assert of(account).invoice_overdue_since is None
    for days in (3, 8):
        invoiced(account, 100, due_on=TODAY - days * DAY)
    assert of(account).invoice_overdue_since == TODAY - 8 * DAY


def test_many_accounts_cost_the_queries_of_one(account, django_assert_num_queries):
    ids = []
    for _ in range(12):
        contract = ContractFactory()
        InvoiceFactory(account=contract.account, contract=contract)
        ids.append(contract.account_id)
    with django_assert_num_queries(3):
        commercials(ids, today=TODAY)
