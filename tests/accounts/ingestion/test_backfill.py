"""Days that earlier versions did not count are counted when an installation is brought up to date."""

import datetime as dt
import importlib

import pytest
from django.apps import apps

from accounts.ingestion import ring
from accounts.ingestion.models import AccountActivity
from tests.factories.accounts import AT, AccountActivityFactory, UserActivityFactory

migration = importlib.import_module("accounts.migrations.0009_signals_finish")
TODAY = ring.day_number(AT.date())


@pytest.mark.django_db
@pytest.mark.parametrize(("daily", "until"), [([], None), ([1], TODAY)])
def test_days_before_the_list_begins_are_counted_from_the_rings(daily, until):
    began = AT - dt.timedelta(days=3)
    row = AccountActivityFactory(first_event_at=began, last_event_at=AT, daily=daily, daily_until=until)
    UserActivityFactory(account=row.account, last_day=TODAY, word_0=0b1001)
    UserActivityFactory(account=row.account, last_day=TODAY - 3, word_0=1)
    migration.count_days(apps, None)
    found = AccountActivity.objects.get(pk=row.pk)
    assert (found.daily_until, found.daily) == (TODAY, [1, 0, 0, 2])


@pytest.mark.django_db
def test_a_list_that_reaches_back_to_the_first_use_stays_as_it_is():
    row = AccountActivityFactory(first_event_at=AT, last_event_at=AT, daily=[7], daily_until=TODAY)
    migration.count_days(apps, None)
    assert AccountActivity.objects.get(pk=row.pk).daily == [7]
