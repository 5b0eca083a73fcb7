"""Rows of work, clocks and business hours."""

import datetime as dt

import factory
from factory.django import DjangoModelFactory

from retention.slas.models import BusinessCalendar, Clock, ClosedDay, Pause, TeamCalendar
from retention.work.models import WorkItem
from tests.factories.accounts import AT, AccountFactory, TeamFactory


class WorkItemFactory(DjangoModelFactory):
    class Meta:
        model = WorkItem

    account = factory.SubFactory(AccountFactory)
    kind = "task"
    title = "Call the champion"
    due_at = AT
    created_at = AT


class BusinessCalendarFactory(DjangoModelFactory):
    class Meta:
        model = BusinessCalendar

    key = factory.Sequence("calendar-{}".format)
    name = "Berlin office"
    weekdays = factory.LazyFunction(lambda: [0, 1, 2, 3, 4])


class ClosedDayFactory(DjangoModelFactory):
    class Meta:
        model = ClosedDay

    calendar = factory.SubFactory(BusinessCalendarFactory)
    day = dt.date(2026, 12, 24)
    name = "Christmas Eve"


class TeamCalendarFactory(DjangoModelFactory):
    class Meta:
        model = TeamCalendar

    team = factory.SubFactory(TeamFactory)
    calendar = factory.SubFactory(BusinessCalendarFactory)


class ClockFactory(DjangoModelFactory):
    class Meta:
        model = Clock

    account = factory.SubFactory(AccountFactory)
    duration = "1 bd"
    zone = "UTC"
    started_at = AT
    promised_at = AT + dt.timedelta(days=1)
    due_at = AT + dt.timedelta(days=1)


class PauseFactory(DjangoModelFactory):
    class Meta:
        model = Pause

    clock = factory.SubFactory(ClockFactory)
    reason = "customer"
    since = AT
