"""Rows of the retention app."""

from typing import Any

import factory
from factory.django import DjangoModelFactory

from retention.evaluation.models import Edge, FullPass, Incident, Standing, Watch
from retention.fit.models import FitCriterion, IdealProfile
from retention.lifecycle.models import AccountStage, Lifecycle, LifecycleVersion, Stage, StageChange
from retention.work.models import WorkItem
from tests.factories.accounts import AT, AccountFactory

CONDITION: dict[str, Any] = {"fact": "active_users_30d", "operator": "lessThan", "value": 3}
CLAUSE: dict[str, Any] = {**CONDITION, "observed": 2, "truth": True}


class WatchFactory(DjangoModelFactory):
    class Meta:
        model = Watch

    key = factory.Sequence("play:play-{}".format)
    reader = "plays"
    definition = "play version 1"
    enter = factory.LazyFunction(lambda: dict(CONDITION))
    slot = factory.Sequence(lambda number: 1000 + number)
    changed_at = AT


class StandingFactory(DjangoModelFactory):
    class Meta:
        model = Standing

    account = factory.SubFactory(AccountFactory)
    changed_at = AT


class EdgeFactory(DjangoModelFactory):
    class Meta:
        model = Edge

    watch = factory.SubFactory(WatchFactory)
    account = factory.SubFactory(AccountFactory)
    n = 1
    direction = "entered"
    cause = "data"
    at = AT
    definition = "play version 1"
    clauses = factory.LazyFunction(lambda: [dict(CLAUSE)])


class FullPassFactory(DjangoModelFactory):
    class Meta:
        model = FullPass

    started_at = AT


class IdealProfileFactory(DjangoModelFactory):
    class Meta:
        model = IdealProfile
        django_get_or_create = ("id",)

    id = 1
    changed_at = AT


class FitCriterionFactory(DjangoModelFactory):
    class Meta:
        model = FitCriterion

    profile = factory.SubFactory(IdealProfileFactory)
    key = factory.Sequence("criterion-{}".format)
    label = "Not too small"
    weight = 50
    matches = factory.LazyFunction(lambda: dict(CONDITION))
    position = factory.Sequence(lambda number: number)


class IncidentFactory(DjangoModelFactory):
    class Meta:
        model = Incident

    kind = "missed"
    subject = factory.Sequence("play:play-{}".format)
    at = AT
    last_seen_at = AT


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


class WorkItemFactory(DjangoModelFactory):
    class Meta:
        model = WorkItem

    account = factory.SubFactory(AccountFactory)
    kind = "task"
    title = "Call the champion"
    due_at = AT
    created_at = AT
