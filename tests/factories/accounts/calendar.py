"""Calendars, and what they opened."""

import datetime as dt

import factory
from factory.django import DjangoModelFactory

from accounts.calendar.models import Calendar, Occurrence
from tests.factories.accounts.book import AccountFactory
from tests.factories.accounts.times import AT


class CalendarFactory(DjangoModelFactory):
    class Meta:
        model = Calendar

    key = factory.Sequence("play:calendar-{}".format)
    reader = "plays"
    kind = "window"
    rule = factory.LazyFunction(lambda: {"fact": "contract_end_date", "days": 90})
    followed_at = AT
    next_attempt_at = AT


class OccurrenceFactory(DjangoModelFactory):
    class Meta:
        model = Occurrence

    calendar = factory.SubFactory(CalendarFactory)
    account = factory.SubFactory(AccountFactory)
    day = dt.date(2026, 6, 2)
    opens_at = AT
    opened_at = AT
    how = "opened"
