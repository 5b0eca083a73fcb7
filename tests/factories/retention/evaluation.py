"""Rows of watches, standings and edges."""

from typing import Any

import factory
from factory.django import DjangoModelFactory

from retention.evaluation.models import Edge, FullPass, Incident, Standing, Watch
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


class IncidentFactory(DjangoModelFactory):
    class Meta:
        model = Incident

    kind = "missed"
    subject = factory.Sequence("play:play-{}".format)
    at = AT
    last_seen_at = AT
