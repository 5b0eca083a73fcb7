"""Invoices are saved as their billing system tells of them: once, with their own dates, all or nothing."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.contracts.invoices import InvoiceDraft, save_invoices
from accounts.contracts.models import Invoice
from accounts.events.models import DirtyAccount
from accounts.portfolio.models import AccountEvent
from accounts.workspace.queries import base_currency
from tests.factories.accounts import AT, AccountFactory, ContractFactory, SourceFactory
from tests.threads import at_once

DAY = dt.timedelta(days=1)
ISSUED = dt.date(2026, 1, 1)
FAILED = dt.datetime(2026, 2, 3, 8, tzinfo=dt.UTC)


@pytest.fixture
def account(db):
    return AccountFactory()


@pytest.fixture
def billing(db):
    return SourceFactory(key="billing", kind="billing")


def draft(account, name="in-1", **values) -> InvoiceDraft:
    given = {"issued_on": ISSUED, "due_on": ISSUED + 30 * DAY, "amount_minor": 400_000, "currency": "USD"}
    return InvoiceDraft(external_id=name, account_id=account.pk, **given | values)


def save(source, *drafts) -> list[Invoice]:
    return save_invoices(drafts, source=source, by=None, at=AT)


def told() -> list[tuple[str, dt.datetime]]:
    return list(AccountEvent.objects.order_by("pk").values_list("kind", "at"))


def test_an_invoice_is_kept_and_the_account_is_looked_at_again(account, billing):
    [invoice] = save(billing, draft(account, number="2026-1"))
    assert (invoice.state, invoice.amount_minor, str(invoice)) == ("open", 400_000, "Invoice 2026-1")
    assert list(DirtyAccount.objects.values_list("account", "what")) == [(account.pk, "facts")]
    assert told() == [], "an invoice is no news"
    billing.refresh_from_db()
    assert billing.last_delivery_at == AT


def test_a_repeat_changes_nothing(account, billing):
    save(billing, draft(account, payment_failed_at=FAILED))
    before, events = list(Invoice.objects.values()), told()
    DirtyAccount.objects.all().delete()
    save_invoices([draft(account, payment_failed_at=FAILED)] * 2, source=billing, by=None, at=AT + DAY)
    assert (list(Invoice.objects.values()), told()) == (before, events)
    assert not DirtyAccount.objects.exists()


def test_a_change_overwrites_and_the_last_of_a_batch_counts(account, billing):
    save(billing, draft(account))
    rows = save(billing, draft(account, state="void"), draft(account, "in-2"), draft(account, amount_minor=5))
    assert [row.external_id for row in rows] == ["in-1", "in-2", "in-1"]
    assert Invoice.objects.get(external_id="in-1").amount_minor == 5
    assert Invoice.objects.get(external_id="in-1").state == "open"


def test_a_failed_payment_is_told_and_so_is_its_mending(account, billing):
    save(billing, draft(account, payment_failed_at=FAILED))
    save(billing, draft(account, payment_failed_at=FAILED, state="paid", paid_on=dt.date(2026, 2, 9)))
    assert told() == [
        ("invoice.payment_failed", FAILED),
        ("invoice.paid", dt.datetime(2026, 2, 9, tzinfo=dt.UTC)),
    ]


def test_an_ordinary_payment_is_no_news(account, billing):
    save(billing, draft(account))
    save(billing, draft(account, state="paid", paid_on=ISSUED + 5 * DAY))
    assert told() == []


def test_history_comes_with_its_own_dates(account, billing):
    long_ago = dt.datetime(2021, 5, 1, 9, tzinfo=dt.UTC)
    day = long_ago.date()
    past = {"issued_on": day, "due_on": day, "state": "paid", "paid_on": day, "payment_failed_at": long_ago}
    save(billing, draft(account, **past))
    assert told() == [("invoice.payment_failed", long_ago), ("invoice.paid", long_ago)]


@pytest.mark.parametrize(
    ("values", "field", "says"),
    [
        ({"name": ""}, "external_id", "blank"),
        ({"name": "x" * 201}, "external_id", "200"),
        ({"number": "x" * 101}, "number", "100"),
        ({"due_on": ISSUED - DAY}, "due_on", "day of its issue or later"),
        ({"issued_on": dt.date(1, 1, 1)}, "issued_on", "1970"),
        ({"amount_minor": 10**15}, "amount", "below"),
        ({"currency": "EUR"}, "currency", "kept in USD"),
        ({"state": "late"}, "state", "open, paid or void"),
        ({"state": "paid"}, "paid_on", "which day"),
        ({"paid_on": ISSUED}, "paid_on", "Only a paid invoice"),
    ],
)
def test_what_is_impossible_is_named_and_nothing_is_saved(values, field, says, account, billing):
    with pytest.raises(ValidationError) as refused:
        save(billing, draft(account, "fine"), draft(account, **values))
    assert list(refused.value.message_dict) == [f"[1].{field}"]
    assert says in refused.value.messages[0]
    assert not Invoice.objects.exists()


def test_account_and_contract_must_exist_and_fit(account, billing):
    own, foreign = ContractFactory(account=account), ContractFactory()
    [invoice] = save(billing, draft(account, contract_id=own.pk))
    assert invoice.contract == own
    with pytest.raises(ValidationError, match="no contract of the account"):
        save(billing, draft(account, contract_id=foreign.pk))
    with pytest.raises(ValidationError, match="no such account"):
        save(billing, InvoiceDraft("x", 2**40, ISSUED, ISSUED, 1, "USD"))


def test_many_invoices_cost_the_statements_of_few(account, billing):
    def cost(count: int, **values) -> int:
        drafts = [draft(account, f"{count}-{number}", **values) for number in range(count)]
        with CaptureQueriesContext(connection) as queries:
            save(billing, *drafts)
        return len(queries)

    base_currency()  # remembered from then on
    assert cost(40) == cost(3)
    assert cost(40, payment_failed_at=FAILED) == cost(3, payment_failed_at=FAILED) <= 20


def test_the_same_batch_at_the_same_moment_is_saved_once(transactional_db):
    account, billing = AccountFactory(), SourceFactory(key="billing")
    drafts = [draft(account, str(number), payment_failed_at=FAILED) for number in range(20)]
    at_once(*[lambda: save(billing, *drafts)] * 4)
    assert Invoice.objects.count() == 20
    assert AccountEvent.objects.count() == 20
