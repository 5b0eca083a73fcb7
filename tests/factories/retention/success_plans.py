"""Rows of success plans."""

import datetime as dt

import factory
from factory.django import DjangoModelFactory

from retention.success_plans.models import PlanObjective, PlanTask, SuccessPlan
from retention.success_plans.outcome_models import PlanLink, PlanWin
from retention.success_plans.prospect_models import ProspectLink
from retention.success_plans.template_models import PlanTemplate, PlanTemplateVersion
from tests.factories.accounts import AT, AccountFactory, DealFactory, StakeholderFactory


class PlanTemplateFactory(DjangoModelFactory):
    class Meta:
        model = PlanTemplate

    key = factory.Sequence("plan-template-{}".format)
    name = "Plan for a head of data"
    kind = PlanTemplate.Kind.PLAN


class PlanTemplateVersionFactory(DjangoModelFactory):
    class Meta:
        model = PlanTemplateVersion

    template = factory.SubFactory(PlanTemplateFactory)
    number = 1
    body = factory.LazyFunction(lambda: {"objectives": [{"key": "one", "goal": "Reports in a minute"}]})
    published_at = AT


class SuccessPlanFactory(DjangoModelFactory):
    class Meta:
        model = SuccessPlan

    account = factory.SubFactory(AccountFactory)
    name = "First year"
    template = factory.SubFactory(PlanTemplateVersionFactory)
    started_at = AT


class PlanObjectiveFactory(DjangoModelFactory):
    class Meta:
        model = PlanObjective

    plan = factory.SubFactory(SuccessPlanFactory)
    position = factory.Sequence(int)
    goal = "Reports in a minute"


class PlanTaskFactory(DjangoModelFactory):
    class Meta:
        model = PlanTask

    plan = factory.SubFactory(SuccessPlanFactory)
    position = factory.Sequence(int)
    title = "Connect the data"
    side = PlanTask.Side.THEIRS


class PlanWinFactory(DjangoModelFactory):
    class Meta:
        model = PlanWin

    plan = factory.SubFactory(SuccessPlanFactory)
    title = "The monthly report is faster"
    before = "4 hours"
    after = "20 minutes"
    happened_on = AT.date()


class PlanLinkFactory(DjangoModelFactory):
    class Meta:
        model = PlanLink

    plan = factory.SubFactory(SuccessPlanFactory)
    stakeholder = factory.LazyAttribute(lambda made: StakeholderFactory(account=made.plan.account))
    nonce = factory.Sequence("nonce-{}".format)
    made_at = AT
    ends_at = AT + dt.timedelta(days=3650)


class ProspectLinkFactory(DjangoModelFactory):
    class Meta:
        model = ProspectLink

    template = factory.SubFactory(PlanTemplateFactory)
    deal = factory.SubFactory(DealFactory)
    nonce = factory.Sequence("prospect-{}".format)
    made_at = AT
    ends_at = AT + dt.timedelta(days=3650)
