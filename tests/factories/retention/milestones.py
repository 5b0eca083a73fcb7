"""Rows of milestones."""

import factory
from factory.django import DjangoModelFactory

from retention.milestones.models import AccountMilestone, MilestoneRoute, ValueMilestone
from tests.factories.accounts import AT, AccountFactory


class ValueMilestoneFactory(DjangoModelFactory):
    class Meta:
        model = ValueMilestone

    key = factory.Sequence("value-milestone-{}".format)
    name = "First value"
    position = factory.Sequence(lambda number: number % 1000)
    changed_at = AT


class MilestoneRouteFactory(DjangoModelFactory):
    class Meta:
        model = MilestoneRoute

    milestone = factory.SubFactory(ValueMilestoneFactory)
    key = factory.Sequence("route-{}".format)
    name = "Everybody"
    position = factory.Sequence(lambda number: number)
    event = "first_value"
    days = 30


class AccountMilestoneFactory(DjangoModelFactory):
    class Meta:
        model = AccountMilestone

    account = factory.SubFactory(AccountFactory)
    milestone = factory.SubFactory(ValueMilestoneFactory)
    reached_at = AT
    how = "hand"
    evidence = "Seen in the review."
    noted_at = AT
