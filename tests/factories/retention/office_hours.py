"""Rows of office hours."""

import datetime as dt
from typing import Any

import factory
from factory.django import DjangoModelFactory

from retention.success_plans.office_hours.models import OfficeHours, OfficeHoursGuest, OfficeHoursSession
from tests.factories.accounts import AT, AccountFactory, StakeholderFactory, UserFactory
from tests.factories.retention.success_plans import SuccessPlanFactory
from tests.factories.retention.work import WorkItemFactory


class OfficeHoursFactory(DjangoModelFactory):
    class Meta:
        model = OfficeHours
        skip_postgeneration_save = True

    plan = factory.SubFactory(SuccessPlanFactory)
    host = factory.SubFactory(UserFactory)
    title = "Office hours"
    weekday = "tuesday"
    time = dt.time(15)
    time_zone = "Europe/Berlin"
    starts_on = AT.date()

    @factory.post_generation
    def invited(self: Any, create: bool, extracted: Any, **kwargs: Any) -> None:
        """Somebody who may come."""
        if self.plan:
            StakeholderFactory(account=self.plan.account)


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
