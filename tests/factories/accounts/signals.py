"""What their product tells us, and what we make of it."""

import uuid

import factory
from factory.django import DjangoModelFactory

from accounts.facts.models import AccountFacts, CustomFact, FactChange
from accounts.ingestion import models as ingestion
from tests.factories.accounts.book import AccountFactory, ProductUserFactory
from tests.factories.accounts.people import SourceFactory
from tests.factories.accounts.times import AT


class InboxRequestFactory(DjangoModelFactory):
    class Meta:
        model = ingestion.InboxRequest

    source = factory.SubFactory(SourceFactory)
    call = "batch"
    received_at = AT
    body = b'{"batch": []}'


class QuarantinedItemFactory(DjangoModelFactory):
    class Meta:
        model = ingestion.QuarantinedItem

    source = factory.SubFactory(SourceFactory)
    message = factory.LazyFunction(uuid.uuid4)
    reason = "unknown_account"
    item = "{}"
    received_at = AT


class FeatureFactory(DjangoModelFactory):
    class Meta:
        model = ingestion.Feature

    key = factory.Sequence("feature-{}".format)
    name = "Reports"
    events = ["Report Viewed"]


class HistoryCountFactory(DjangoModelFactory):
    class Meta:
        model = ingestion.HistoryCount

    feature = factory.SubFactory(FeatureFactory)
    events = ["Report Viewed"]
    asked_at = AT
    next_attempt_at = AT


class SignalEventFactory(DjangoModelFactory):
    class Meta:
        model = ingestion.SignalEvent

    day = AT.date()
    source = factory.SubFactory(SourceFactory)
    message = factory.LazyFunction(uuid.uuid4)
    type = "track"
    at = AT


class SignalPayloadFactory(DjangoModelFactory):
    class Meta:
        model = ingestion.SignalPayload

    event = factory.SubFactory(SignalEventFactory, type="page")
    item = "{}"


class AccountActivityFactory(DjangoModelFactory):
    class Meta:
        model = ingestion.AccountActivity

    account = factory.SubFactory(AccountFactory)
    source = factory.SubFactory(SourceFactory)
    first_event_at = AT
    last_event_at = AT


class UserActivityFactory(DjangoModelFactory):
    class Meta:
        model = ingestion.UserActivity

    account = factory.SubFactory(AccountFactory)
    product_user = factory.SubFactory(ProductUserFactory, account=factory.SelfAttribute("..account"))
    last_day = 20_000
    word_0 = 1


class FeatureActivityFactory(DjangoModelFactory):
    class Meta:
        model = ingestion.FeatureActivity

    account = factory.SubFactory(AccountFactory)
    feature = factory.SubFactory(FeatureFactory)
    latest_user = 1
    last_day = 20_000
    word_0 = 1


class SourceCountFactory(DjangoModelFactory):
    class Meta:
        model = ingestion.SourceCount

    source = factory.SubFactory(SourceFactory)
    hour = AT


class MilestoneFactory(DjangoModelFactory):
    class Meta:
        model = ingestion.Milestone

    key = factory.Sequence("milestone-{}".format)
    name = "Activated"
    events = ["Integration Connected"]


class PageIntentFactory(DjangoModelFactory):
    class Meta:
        model = ingestion.PageIntent

    key = factory.Sequence("intent-{}".format)
    name = "Pricing"
    paths = ["/pricing*"]


class EventNameFactory(DjangoModelFactory):
    class Meta:
        model = ingestion.EventName

    source = factory.SubFactory(SourceFactory)
    name = "Report Viewed"
    count = 1
    first_seen_at = AT
    last_seen_at = AT


class MilestoneReachedFactory(DjangoModelFactory):
    class Meta:
        model = ingestion.MilestoneReached

    account = factory.SubFactory(AccountFactory)
    milestone = factory.SubFactory(MilestoneFactory)
    first_at = AT


class IntentActivityFactory(DjangoModelFactory):
    class Meta:
        model = ingestion.IntentActivity

    account = factory.SubFactory(AccountFactory)
    intent = factory.SubFactory(PageIntentFactory)
    first_at = AT
    last_at = AT
    last_day = 20_000
    word_0 = 1


class PageSessionFactory(DjangoModelFactory):
    class Meta:
        model = ingestion.PageSession

    account = factory.SubFactory(AccountFactory)
    visitor = "ada"
    started_at = AT
    ended_at = AT


class AccountIntentsFactory(DjangoModelFactory):
    class Meta:
        model = ingestion.AccountIntents

    account = factory.SubFactory(AccountFactory)
    pricing_and_security_at = AT


class VisitFactory(DjangoModelFactory):
    class Meta:
        model = ingestion.Visit

    day = AT.date()
    source = factory.SubFactory(SourceFactory)
    message = factory.LazyFunction(uuid.uuid4)
    anonymous = "anon-1"
    type = "page"
    path = "/pricing"
    at = AT
    received_at = AT


class VisitorFactory(DjangoModelFactory):
    class Meta:
        model = ingestion.Visitor

    source = factory.SubFactory(SourceFactory)
    anonymous = factory.Sequence("anon-{}".format)
    product_user = factory.SubFactory(ProductUserFactory)
    identified_at = AT


class CustomFactFactory(DjangoModelFactory):
    class Meta:
        model = CustomFact

    key = factory.Sequence("custom_fact_{}".format)
    label = "Integrations live"
    type = "number"
    meaning = "How many integrations send data."


class AccountFactsFactory(DjangoModelFactory):
    class Meta:
        model = AccountFacts

    account = factory.SubFactory(AccountFactory)
    day = AT.date()
    projected_at = AT


class FactChangeFactory(DjangoModelFactory):
    class Meta:
        model = FactChange

    account = factory.SubFactory(AccountFactory)
    pace = "settled"
    day = AT.date()
    at = AT
    values = {"industry": "Food"}
