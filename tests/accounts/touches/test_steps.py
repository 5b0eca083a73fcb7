"""Next steps, pulses, reviews and surveys: what one row does to the others, and what is refused."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.portfolio.models import AccountEvent
from accounts.touches import services
from accounts.touches.models import NextStep, Pulse, SurveyResponse, Touch
from accounts.touches.queries import latest_pulse, open_step
from tests.factories.accounts import (
    AT,
    AccountFactory,
    NextStepFactory,
    StakeholderFactory,
    SurveyResponseFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def account():
    return AccountFactory()


@pytest.fixture
def amelia():
    return UserFactory(username="amelia")


def kinds():
    return list(AccountEvent.objects.order_by("pk").values_list("kind", flat=True))


def test_a_new_next_step_takes_the_place_of_the_open_one(account, amelia):
    first = services.set_next_step(account, text="Call", by=amelia, at=AT)
    second = services.set_next_step(account, text="Write", due_on=AT.date(), by=amelia, at=AT + HOUR)
    first.refresh_from_db()
    assert (first.state, first.closed_at) == (NextStep.State.REPLACED, AT + HOUR)
    assert open_step(account) == second


def test_the_database_keeps_one_open_next_step_an_account(account):
    NextStepFactory(account=account)
    with pytest.raises(IntegrityError), transaction.atomic():
        NextStepFactory(account=account)


def test_a_next_step_is_done_once(account, amelia):
    step = services.set_next_step(account, text="Call", by=amelia, at=AT)
    services.complete_next_step(step, by=amelia, at=AT)
    assert open_step(account) is None
    with pytest.raises(ValidationError, match="closed already: done"):
        services.complete_next_step(step, by=amelia, at=AT)
    assert kinds() == ["next_step.set", "next_step.done"]


def test_taking_a_next_step_back_opens_the_one_before(account, amelia):
    first = services.set_next_step(account, text="Call", by=amelia, at=AT)
    second = services.set_next_step(account, text="Write", by=amelia, at=AT)
    services.withdraw_next_step(second, by=amelia, at=AT)
    assert open_step(account) == first


def test_the_latest_pulse_counts_until_it_is_taken_back(account, amelia):
    services.set_pulse(account, value="green", by=amelia, at=AT)
    red = services.set_pulse(account, value="red", reason="Sponsor leaves", by=amelia, at=AT + HOUR)
    assert latest_pulse(account) == red
    with pytest.raises(ValidationError):
        services.withdraw_pulse(red, by=UserFactory(), at=AT + HOUR)
    services.withdraw_pulse(red, by=amelia, at=AT + HOUR)
    assert latest_pulse(account).value == "green"
    assert Pulse.objects.count() == 2


def test_a_pulse_of_no_known_colour_is_refused(account, amelia):
    with pytest.raises(ValidationError):
        services.set_pulse(account, value="purple", by=amelia, at=AT)
    assert not Pulse.objects.exists()


def test_holding_a_review_logs_the_touch_it_was_and_sets_what_was_agreed(account, amelia):
    ada = StakeholderFactory(account=account)
    review = services.plan_review(account, planned_for=AT, stakeholders=[ada], by=amelia, at=AT)
    held = services.hold_review(
        review, outcome="growth", text="They want more seats.", next_step="Offer 50 seats", by=amelia, at=AT + HOUR
    )
    ada.refresh_from_db()
    assert (held.state, held.held_at, ada.last_engaged_at) == ("held", AT + HOUR, AT + HOUR)
    assert (held.touch.purpose, held.touch.words.text) == (Touch.Purpose.BUSINESS_REVIEW, "They want more seats.")
    assert open_step(account).text == "Offer 50 seats"
    assert kinds() == ["review.planned", "touch.logged", "next_step.set", "review.held"]
    with pytest.raises(ValidationError, match="held already"):
        services.hold_review(review, outcome="steady", by=amelia, at=AT + HOUR)
    with pytest.raises(ValidationError, match="it stays"):
        services.delete(held.touch, by=amelia, at=AT + HOUR)
    assert Touch.objects.count() == 1


def test_a_review_that_is_cancelled_is_not_held(account, amelia):
    review = services.plan_review(account, planned_for=AT, by=amelia, at=AT)
    services.cancel_review(review, by=amelia, at=AT)
    with pytest.raises(ValidationError, match="cancelled already"):
        services.hold_review(review, outcome="steady", by=amelia, at=AT)
    assert not Touch.objects.exists()


@pytest.mark.parametrize(("kind", "score"), [("nps", 11), ("csat", 0), ("csat", 6)])
def test_a_score_outside_the_range_of_its_kind_is_refused(account, amelia, kind, score):
    with pytest.raises(ValidationError, match="outside"):
        services.record_survey(account, kind=kind, score=score, by=amelia, at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        SurveyResponseFactory(account=account, kind=kind, score=score)
    assert not SurveyResponse.objects.exists()


def test_the_loop_on_an_answer_is_closed_once(account, amelia):
    answer = services.record_survey(account, kind="nps", score=3, by=amelia, at=AT)
    services.close_loop(answer, by=amelia, at=AT + HOUR)
    answer.refresh_from_db()
    assert (answer.loop_closed_at, answer.loop_closed_by) == (AT + HOUR, amelia)
    with pytest.raises(ValidationError, match="closed already"):
        services.close_loop(answer, by=amelia, at=AT)
