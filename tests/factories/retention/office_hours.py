"""Rows of office hours."""

import datetime as dt

import factory
from factory.django import DjangoModelFactory

from retention.success_plans.office_hours.models import OfficeHours, OfficeHoursGuest, OfficeHoursSession
from tests.factories.accounts import AT, AccountFactory, UserFactory
from tests.factories.retention.success_plans import SuccessPlanFactory
from tests.factories.retention.work import WorkItemFactory


class OfficeHoursFactory(DjangoModelFactory):
    class Meta:
        model = OfficeHours

    plan = factory.SubFactory(SuccessPlanFactory)
    host = factory.SubFactory(UserFactory)
    title = "Office hours"
    weekday = "tuesday"
    time = dt.time(15)
    time_zone = "Europe/Berlin"
    starts_on = AT.date()


class OfficeHoursGuestFactory(DjangoModelFactory):
    class Meta:
        model = OfficeHoursGuest

    series = factory.SubFactory(OfficeHoursFactory, plan=None)
    account = factory.SubFactory(AccountFactory)


class OfficeHoursSessionFactory(DjangoModelFactory):
    class Meta:
        model = OfficeHoursSession

    series = factory.SubFactory(OfficeHoursFactory)
    starts_at = AT
    work_item = factory.SubFactory(WorkItemFactory, kind="office_hours")
