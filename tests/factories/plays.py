"""Rows of the plays app."""

import factory
from factory.django import DjangoModelFactory

from plays.decisions.models import Decision
from plays.definitions.models import Play, PlayVersion, StepDefinition
from plays.runs.models import Run, StepRun
from plays.triggers.models import Candidate, Moment, Round
from tests.factories.accounts import AT, AccountFactory, OccurrenceFactory
from tests.factories.retention import CLAUSE, CONDITION


class PlayFactory(DjangoModelFactory):
    class Meta:
        model = Play

    key = factory.Sequence("play-{}".format)
    name = "Usage drop"


class PlayVersionFactory(DjangoModelFactory):
    class Meta:
        model = PlayVersion

    play = factory.SubFactory(PlayFactory)
    number = 1
    purpose = "Talk to them in time."
    priority = "critical"
    trigger = factory.LazyFunction(lambda: dict(CONDITION))
    published_at = AT


class StepDefinitionFactory(DjangoModelFactory):
    class Meta:
        model = StepDefinition

    version = factory.SubFactory(PlayVersionFactory)
    position = factory.Sequence(int)
    key = factory.Sequence("step-{}".format)
    kind = "human_task"
    config = factory.LazyFunction(lambda: {"title": "Call {account}", "owner": "csm", "due": "1 bd"})


class DecisionFactory(DjangoModelFactory):
    class Meta:
        model = Decision

    version = factory.SubFactory(PlayVersionFactory)
    play = factory.SelfAttribute("version.play")
    account = factory.SubFactory(AccountFactory)
    occurrence_key = factory.Sequence("manual:{}".format)
    outcome = "fired"
    clauses = factory.LazyFunction(lambda: [dict(CLAUSE)])
    at = AT


class RunFactory(DjangoModelFactory):
    class Meta:
        model = Run

    decision = factory.SubFactory(DecisionFactory)
    play = factory.SelfAttribute("decision.play")
    version = factory.SelfAttribute("decision.version")
    account = factory.SelfAttribute("decision.account")
    occurrence_key = factory.SelfAttribute("decision.occurrence_key")
    started_at = AT


class StepRunFactory(DjangoModelFactory):
    class Meta:
        model = StepRun

    run = factory.SubFactory(RunFactory)
    definition = factory.SubFactory(StepDefinitionFactory, version=factory.SelfAttribute("..run.version"))
    next_attempt_at = AT


class CandidateFactory(DjangoModelFactory):
    class Meta:
        model = Candidate

    play = factory.SubFactory(PlayFactory)
    account = factory.SubFactory(AccountFactory)
    occurrence_key = factory.Sequence("edge:{}".format)
    clauses = factory.LazyFunction(lambda: [dict(CLAUSE)])
    at = AT
    next_attempt_at = AT


class MomentFactory(DjangoModelFactory):
    class Meta:
        model = Moment

    play = factory.SubFactory(PlayFactory)
    account = factory.SubFactory(AccountFactory)
    occurrence_key = factory.Sequence("event:{}".format)
    clauses = factory.LazyFunction(lambda: [dict(CLAUSE)])
    at = AT
    noted_at = AT


class RoundFactory(DjangoModelFactory):
    class Meta:
        model = Round

    play = factory.SubFactory(PlayFactory)
    occurrence = factory.SubFactory(OccurrenceFactory)
    next_attempt_at = AT
