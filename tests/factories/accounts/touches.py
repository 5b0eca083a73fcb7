"""How we keep in touch: touches with their words, reviews, pulses, next steps and survey answers."""

import datetime as dt

import factory
from factory.django import DjangoModelFactory

from accounts.portfolio.models import SavedFilter
from accounts.touches.models import (
    BusinessReview,
    NextStep,
    Pulse,
    ReviewAttendee,
    SurveyResponse,
    Touch,
    TouchAttendee,
    TouchText,
)
from tests.factories.accounts.book import AccountFactory, StakeholderFactory
from tests.factories.accounts.people import UserFactory
from tests.factories.accounts.times import AT


class TouchFactory(DjangoModelFactory):
    class Meta:
        model = Touch

    account = factory.SubFactory(AccountFactory)
    kind = "call"
    is_two_way = True
    happened_at = AT
    recorded_at = AT


class TouchTextFactory(DjangoModelFactory):
    class Meta:
        model = TouchText

    touch = factory.SubFactory(TouchFactory)
    text = "All well; training next week."


class TouchAttendeeFactory(DjangoModelFactory):
    class Meta:
        model = TouchAttendee

    touch = factory.SubFactory(TouchFactory)
    stakeholder = factory.SubFactory(StakeholderFactory, account=factory.SelfAttribute("..touch.account"))


class BusinessReviewFactory(DjangoModelFactory):
    class Meta:
        model = BusinessReview

    account = factory.SubFactory(AccountFactory)
    planned_for = AT + dt.timedelta(days=14)


class ReviewAttendeeFactory(DjangoModelFactory):
    class Meta:
        model = ReviewAttendee

    review = factory.SubFactory(BusinessReviewFactory)
    stakeholder = factory.SubFactory(StakeholderFactory, account=factory.SelfAttribute("..review.account"))


class PulseFactory(DjangoModelFactory):
    class Meta:
        model = Pulse

    account = factory.SubFactory(AccountFactory)
    value = "green"
    set_at = AT


class NextStepFactory(DjangoModelFactory):
    class Meta:
        model = NextStep

    account = factory.SubFactory(AccountFactory)
    text = "Send the proposal"
    set_at = AT


class SurveyResponseFactory(DjangoModelFactory):
    class Meta:
        model = SurveyResponse

    account = factory.SubFactory(AccountFactory)
    kind = "nps"
    score = 9
    received_at = AT
    recorded_at = AT


class SavedFilterFactory(DjangoModelFactory):
    class Meta:
        model = SavedFilter

    user = factory.SubFactory(UserFactory)
    page = "book"
    name = factory.Sequence("Filter {}".format)
    query = "pulse=red"
