"""Sets of ids as one parameter, and rows stored many at a time."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

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
