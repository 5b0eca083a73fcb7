"""Rows of renewal risk and of risks that people raised."""

import datetime as dt

import factory
from factory.django import DjangoModelFactory

from retention.risks.models import (
    AccountRisk,
    Risk,
    RiskModelVersion,
    RiskRemedy,
    RiskReview,
    RiskSignal,
    RiskTierChange,
)
from tests.factories.accounts import AT, AccountFactory
from tests.factories.retention.evaluation import CONDITION


class RiskModelVersionFactory(DjangoModelFactory):
    class Meta:
        model = RiskModelVersion

    number = factory.Sequence(lambda number: number + 1000)
    published_at = AT


class RiskSignalFactory(DjangoModelFactory):
    class Meta:
        model = RiskSignal

    version = factory.SubFactory(RiskModelVersionFactory)
    key = factory.Sequence("signal-{}".format)
    name = "Usage is down"
    position = factory.Sequence(lambda number: number)
    points = 2
    when = factory.LazyFunction(lambda: dict(CONDITION))


class AccountRiskFactory(DjangoModelFactory):
    class Meta:
        model = AccountRisk

    account = factory.SubFactory(AccountFactory)
    version = factory.SubFactory(RiskModelVersionFactory)
    tier = "high"
    points = 5
    since = AT
    reasons = factory.LazyFunction(
        lambda: [{"key": "usage", "name": "Usage is down", "points": 2, "truth": True, "clauses": []}]
    )
    rated_at = AT


class RiskTierChangeFactory(DjangoModelFactory):
    class Meta:
        model = RiskTierChange

    account = factory.SubFactory(AccountFactory)
    at = AT
    version = factory.SubFactory(RiskModelVersionFactory)
    from_tier = "low"
    tier = "high"
    points = 5
    reasons = factory.LazyFunction(lambda: [{"key": "usage", "name": "Usage is down", "points": 2, "truth": True}])


class RiskFactory(DjangoModelFactory):
    class Meta:
        model = Risk

    account = factory.SubFactory(AccountFactory)
    category = "relationship"
    title = "The sponsor is in doubt"
    next_step = ""
    next_step_on = factory.LazyAttribute(lambda made: AT.date() if made.next_step else None)
    raised_at = AT


class RiskRemedyFactory(DjangoModelFactory):
    class Meta:
        model = RiskRemedy

    risk = factory.SubFactory(RiskFactory)
    text = "Show what was saved"
    due_on = dt.date(2026, 4, 1)


class RiskReviewFactory(DjangoModelFactory):
    class Meta:
        model = RiskReview

    risk = factory.SubFactory(RiskFactory)
    at = AT
    text = "On the way."
