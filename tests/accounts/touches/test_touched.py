"""How we are in touch with an account, as of an instant."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.touches.queries import touches_of
from tests.factories.accounts import (
    AT,
    AccountFactory,
    BusinessReviewFactory,
    NextStepFactory,
    PulseFactory,
    StakeholderFactory,
    StakeholderRoleFactory,
    SurveyResponseFactory,
    TouchAttendeeFactory,
    TouchFactory,
)

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def of(account, at=AT):
    return touches_of([account.pk], at=at)[account.pk]


def test_an_account_nobody_touched_knows_nothing_and_counts_nobody():
    found = of(AccountFactory())
    assert (found.last_two_way_touch_at, found.pulse, found.next_step) == (None, None, None)
    assert (found.contacts_engaged_60d, found.champion_status) == (0, "missing")


def test_a_note_and_an_unanswered_mail_are_touches_but_no_contact():
    account = AccountFactory()
    TouchFactory(account=account, happened_at=AT - 5 * DAY)
    TouchFactory(account=account, kind="email", is_two_way=False, happened_at=AT - 2 * DAY)
    TouchFactory(account=account, kind="note", is_two_way=False, happened_at=AT - DAY, in_conversation=True)
    found = of(account)
    assert (found.last_two_way_touch_at, found.last_touch_at) == (AT - 5 * DAY, AT - DAY)
    assert found.in_conversation_at == AT - DAY


def test_what_is_later_than_the_instant_is_not_seen():
    account = AccountFactory()
    TouchFactory(account=account, happened_at=AT)
    PulseFactory(account=account, set_at=AT, value="red")
    assert of(account, AT - DAY).last_touch_at is None
    assert of(account, AT - DAY).negative_feedback_at is None
    assert of(account).negative_feedback_at == AT


@pytest.mark.parametrize(
    ("happened_at", "counts"),
    [
        (dt.datetime(2026, 1, 3, 0, 0, tzinfo=dt.UTC), 1),
        (dt.datetime(2026, 1, 2, 23, 59, 59, tzinfo=dt.UTC), 0),
        (AT, 1),
        (AT + dt.timedelta(seconds=1), 0),
    ],
)
def test_contacts_are_counted_over_today_and_sixty_whole_days(happened_at, counts):
    touch = TouchFactory(happened_at=happened_at)
    TouchAttendeeFactory(touch=touch)
    assert of(touch.account).contacts_engaged_60d == counts


def test_a_person_counts_once_and_only_where_it_went_both_ways():
    account = AccountFactory()
    ada, ben = StakeholderFactory.create_batch(2, account=account)
    for touch in TouchFactory.create_batch(2, account=account):
        TouchAttendeeFactory(touch=touch, stakeholder=ada)
    one_way = TouchFactory(account=account, kind="email", is_two_way=False)
    TouchAttendeeFactory(touch=one_way, stakeholder=ben)
    assert of(account).contacts_engaged_60d == 1


@pytest.mark.parametrize(
    ("left", "status"), [([None], "known"), ([AT - DAY], "left"), ([AT - DAY, None], "known"), ([], "missing")]
)
def test_a_champion_is_known_has_left_or_is_missing(left, status):
    account = AccountFactory()
    for left_at in left:
        StakeholderRoleFactory(stakeholder=StakeholderFactory(account=account, left_at=left_at))
    assert of(account).champion_status == status


def test_the_sponsor_who_left_no_longer_counts_as_engaged():
    account = AccountFactory()
    here = StakeholderFactory(account=account, last_engaged_at=AT - 9 * DAY)
    gone = StakeholderFactory(account=account, last_engaged_at=AT - DAY, left_at=AT)
    for person in (here, gone):
        StakeholderRoleFactory(stakeholder=person, role="executive_sponsor")
    assert of(account).sponsor_last_engaged_at == AT - 9 * DAY


def test_kick_off_and_reviews():
    account = AccountFactory()
    TouchFactory(account=account, purpose="kickoff", kind="meeting", happened_at=AT - 90 * DAY)
    BusinessReviewFactory(account=account, state="held", outcome="steady", held_at=AT - 30 * DAY)
    BusinessReviewFactory(account=account, state="cancelled", planned_for=AT + DAY)
    BusinessReviewFactory(account=account, planned_for=AT + 60 * DAY)
    found = of(account)
    assert (found.kickoff_held_at, found.last_business_review_at) == (AT - 90 * DAY, AT - 30 * DAY)
    assert found.next_review_planned_for == AT + 60 * DAY


def test_the_latest_judgements_count():
    account = AccountFactory()
    PulseFactory(account=account, value="red", set_at=AT - 3 * DAY)
    PulseFactory(account=account, value="amber", set_at=AT - 2 * DAY)
    PulseFactory(account=account, value="green", set_at=AT - DAY, withdrawn_at=AT)
    SurveyResponseFactory(account=account, score=6, received_at=AT - 5 * DAY)
    SurveyResponseFactory(account=account, score=9, received_at=AT - DAY)
    SurveyResponseFactory(account=account, kind="csat", score=4, received_at=AT - DAY)
    found = of(account)
    assert (found.pulse, found.pulse_at) == ("amber", AT - 2 * DAY)
    assert (found.nps_latest, found.nps_at, found.csat_latest) == (9, AT - DAY, 4)
    assert found.negative_feedback_at == AT - 3 * DAY


def test_the_open_next_step_is_told():
    step = NextStepFactory(due_on=AT.date())
    NextStepFactory(account=step.account, text="Old", state="done", closed_at=AT)
    found = of(step.account)
    assert (found.next_step, found.next_step_due_on, found.next_step_set_at) == (step.text, AT.date(), AT)


def test_a_hundred_accounts_cost_the_queries_of_one():
    accounts = [TouchFactory().account for _ in range(20)]
    counts = []
    for some in (accounts[:1], accounts):
        with CaptureQueriesContext(connection) as queries:
            assert len(touches_of([account.pk for account in some], at=AT)) == len(some)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8
