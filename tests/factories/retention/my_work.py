"""Rows of what is said about work, minutes spent on it, and calendars."""

import factory
from factory.django import DjangoModelFactory

from retention.work.models import CalendarFeed, WorkComment, WorkTime
from tests.factories.accounts import AT, UserFactory
from tests.factories.retention.work import WorkItemFactory


class WorkCommentFactory(DjangoModelFactory):
    class Meta:
        model = WorkComment

    item = factory.SubFactory(WorkItemFactory)
    author = factory.SubFactory(UserFactory)
    text = "They answer on Thursday."
    created_at = AT


class WorkTimeFactory(DjangoModelFactory):
    class Meta:
        model = WorkTime

    item = factory.SubFactory(WorkItemFactory)
    user = factory.SubFactory(UserFactory)
    minutes = 25
    at = AT


class CalendarFeedFactory(DjangoModelFactory):
    class Meta:
        model = CalendarFeed

    user = factory.SubFactory(UserFactory)
    stamp = factory.Sequence("{:032x}".format)
    created_at = AT
