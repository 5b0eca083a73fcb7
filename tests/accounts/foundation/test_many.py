"""Sets of ids as one parameter, and rows stored many at a time."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from accounts.events.models import DirtyAccount
from accounts.foundation import many
from accounts.foundation.many import among
from accounts.portfolio.models import Account
from tests.factories.accounts import AccountFactory

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 6, 15, 9, tzinfo=dt.UTC)


def marks(accounts):
    return [DirtyAccount(account=account, what=DirtyAccount.Pass.FACTS, at=AT) for account in accounts]


def test_a_set_of_ids_is_one_parameter(django_assert_num_queries):
    accounts = AccountFactory.create_batch(3)
    with django_assert_num_queries(1) as asked:
        found = set(Account.objects.filter(pk__in=among([accounts[0].pk, accounts[2].pk])))
    assert found == {accounts[0], accounts[2]}
    assert asked.captured_queries[0]["sql"].count("IN (") == 1


def test_an_empty_set_finds_nobody():
    AccountFactory()
    assert not Account.objects.filter(pk__in=among([])).exists()


def test_stored_rows_have_their_ids():
    rows = marks(AccountFactory.create_batch(3))
    many.insert(DirtyAccount, rows)
    stored = {row.pk: (row.account_id, row.at) for row in DirtyAccount.objects.all()}
    assert all(stored[row.pk] == (row.account_id, AT) for row in rows)


def test_nothing_is_stored_of_rows_that_break_a_promise():
    accounts = AccountFactory.create_batch(2)
    rows = marks(accounts)
    rows[1].what = None
    with pytest.raises(IntegrityError), transaction.atomic():
        many.insert(DirtyAccount, rows)
    assert not DirtyAccount.objects.filter(account__in=accounts, at=AT).exists()


def test_no_rows_are_no_error():
    many.insert(DirtyAccount, [])
    assert not DirtyAccount.objects.exists()


def test_plain_rows_are_written_and_changed_in_one_statement_each(django_assert_num_queries):
    accounts = AccountFactory.create_batch(2)
    rows = [(account.pk, "facts", AT, "data", 1) for account in accounts]
    with django_assert_num_queries(1):
        many.write(DirtyAccount, ("account_id", "what", "at", "cause", "round"), rows)
    first, second = DirtyAccount.objects.order_by("account_id")
    later = AT + dt.timedelta(microseconds=1)
    with django_assert_num_queries(1):
        many.change(DirtyAccount, ("at", "cause"), [(first.pk, later, '"a" \\ \'b'), (second.pk, AT, "x")])
    assert list(DirtyAccount.objects.order_by("account_id").values_list("account", "at", "cause")) == [
        (accounts[0].pk, later, '"a" \\ \'b'),
        (accounts[1].pk, AT, "x"),
    ]


def test_nothing_costs_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        many.write(DirtyAccount, ("account_id",), [])
        many.change(DirtyAccount, ("cause",), [])


def test_texts_and_uuids_are_one_parameter_too():
    account = AccountFactory(key='it\'s {a}, \\ "b"')
    assert Account.objects.get(key__in=many.among_texts([account.key, "other"])) == account


def test_rows_are_made_of_rows_in_one_statement(django_assert_num_queries):
    accounts = AccountFactory.create_batch(3)
    chosen = Account.objects.exclude(pk=accounts[1].pk)
    with django_assert_num_queries(1):
        assert many.insert_from(DirtyAccount, chosen, account=F("pk"), what="facts", at=AT, cause="data", round=1) == 2
    assert list(DirtyAccount.objects.order_by("pk").values_list("account", "at")) == [
        *((accounts[0].pk, AT), (accounts[2].pk, AT))
    ]
