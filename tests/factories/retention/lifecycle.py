"""Rows of lifecycles and where accounts stand in them."""

import factory
from factory.django import DjangoModelFactory

from retention.lifecycle.models import AccountStage, Lifecycle, LifecycleVersion, Stage, StageChange, StagePlacement
from tests.factories.accounts import AT, AccountFactory
from tests.factories.retention.evaluation import CONDITION


class LifecycleFactory(DjangoModelFactory):
    class Meta:
        model = Lifecycle

    key = factory.Sequence("lifecycle-{}".format)
    name = "Go to market"


class LifecycleVersionFactory(DjangoModelFactory):
    class Meta:
        model = LifecycleVersion

    lifecycle = factory.SubFactory(LifecycleFactory)
    number = 1
    published_at = AT


class StageFactory(DjangoModelFactory):
    class Meta:
        model = Stage

    version = factory.SubFactory(LifecycleVersionFactory)
    key = factory.Sequence("stage-{}".format)
    name = "Adopted"
    position = factory.Sequence(int)
    enter = factory.LazyFunction(lambda: dict(CONDITION))


class AccountStageFactory(DjangoModelFactory):
    class Meta:
        model = AccountStage

    account = factory.SubFactory(AccountFactory)
    lifecycle = factory.SubFactory(LifecycleFactory)
    since = AT


class StageChangeFactory(DjangoModelFactory):
    class Meta:
        model = StageChange

    account = factory.SubFactory(AccountFactory)
    lifecycle = factory.SubFactory(LifecycleFactory)
    at = AT
    cause = "data"


class StagePlacementFactory(DjangoModelFactory):
    class Meta:
        model = StagePlacement

    account = factory.SubFactory(AccountFactory)
    lifecycle = factory.SubFactory(LifecycleFactory)
    stage = "adopted"
    reason = "The sponsor told us"
    placed_at = AT
