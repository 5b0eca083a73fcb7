"""Rows of health models and the health of accounts."""

import factory
from factory.django import DjangoModelFactory

from retention.health.models import (
    AccountHealth,
    HealthCap,
    HealthMeasure,
    HealthModel,
    HealthModelVersion,
    HealthOverride,
    HealthScore,
)
from tests.factories.accounts import AT, AccountFactory
from tests.factories.retention.evaluation import CONDITION


class HealthModelFactory(DjangoModelFactory):
    class Meta:
        model = HealthModel

    key = factory.Sequence("health-{}".format)
    name = "Established"


class HealthModelVersionFactory(DjangoModelFactory):
    class Meta:
        model = HealthModelVersion

    model = factory.SubFactory(HealthModelFactory)
    number = 1
    published_at = AT
    applies = factory.LazyFunction(lambda: dict(CONDITION))
    precedence = 90


class HealthMeasureFactory(DjangoModelFactory):
    class Meta:
        model = HealthMeasure

    version = factory.SubFactory(HealthModelVersionFactory)
    key = factory.Sequence("measure-{}".format)
    name = "People at work"
    position = factory.Sequence(int)
    weight = 100
    scale = factory.LazyFunction(lambda: {"fact": "active_users_30d", "marks": [[0, 0], [10, 100]]})


class HealthCapFactory(DjangoModelFactory):
    class Meta:
        model = HealthCap

    version = factory.SubFactory(HealthModelVersionFactory)
    key = factory.Sequence("cap-{}".format)
    name = "Nobody is there"
    position = factory.Sequence(int)
    when = factory.LazyFunction(lambda: dict(CONDITION))
    at_most = 50


class AccountHealthFactory(DjangoModelFactory):
    class Meta:
        model = AccountHealth

    account = factory.SubFactory(AccountFactory)
    version = factory.SubFactory(HealthModelVersionFactory)
    score = 80
    known_share = 1
    computed_band = "green"
    band = "green"
    band_since = AT
    configured_at = AT
    scored_at = AT


class HealthScoreFactory(DjangoModelFactory):
    class Meta:
        model = HealthScore

    account = factory.SubFactory(AccountFactory)
    version = factory.SubFactory(HealthModelVersionFactory)
    at = AT
    score = 80
    known_share = 1
    computed_band = "green"
    band = "green"
    parts = factory.LazyFunction(lambda: {"uncapped": 80})


class HealthOverrideFactory(DjangoModelFactory):
    class Meta:
        model = HealthOverride

    account = factory.SubFactory(AccountFactory)
    band = "red"
    reason = "Their sponsor told me."
    from_on = AT.date()
    days = 30
    made_at = AT
