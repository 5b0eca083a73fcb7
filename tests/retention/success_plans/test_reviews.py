"""Reviews of a plan as work, promised dates with clocks, and who does what comes again."""

import datetime as dt

import pytest

from accounts.events import services as events
from accounts.touches.services import review as meetings
from retention.slas import clocks
from retention.success_plans import reviews, services, starting, tasks
from retention.success_plans.models import PlanTask
from retention.success_plans.templates import latest_of
from retention.work import services as work
from retention.work.models import WorkItem

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
TUESDAY = dt.datetime(2026, 11, 17, 9, 30, tzinfo=dt.UTC)


@pytest.fixture
def plan(northwind, amelia):
    return starting.start(northwind, template=latest_of("pilot"), by=amelia, at=TUESDAY)


def asked(plan):
    return WorkItem.objects.get(kind="plan_review", state="open", account=plan.account)


def test_a_plan_asks_its_csm_for_the_next_review_and_again_after_it(plan, amelia):
    first = asked(plan)
    assert (first.assignee, first.due_at) == (amelia, TUESDAY + plan.review_days * DAY)
    work.close(first, outcome="held", by=amelia, at=TUESDAY + 9 * DAY)
    events.react()
    plan.refresh_from_db()
    assert plan.reviewed_at == TUESDAY + 9 * DAY
    assert asked(plan).due_at == TUESDAY + (9 + plan.review_days) * DAY
    assert plan.account.events.filter(kind="plan.reviewed").count() == 1


def test_on_the_page_it_is_one_press_and_the_work_ends_with_it(plan, amelia, client):
    from django.urls import reverse

    client.force_login(amelia)
    client.post(reverse("admin:retention_successplan_move", args=[plan.pk]), {"to": "review"})
    events.react()
    plan.refresh_from_db()
    assert plan.reviewed_at is not None
    assert WorkItem.objects.filter(kind="plan_review", outcome="held").count() == 1
    assert plan.account.events.filter(kind="plan.reviewed").count() == 1
    assert asked(plan) == plan.review


def test_a_review_that_is_written_down_counts(plan, amelia):
    day = TUESDAY + 3 * DAY
    made = meetings.plan_review(plan.account, planned_for=day, by=amelia, at=TUESDAY)
    meetings.hold_review(made, outcome=made.Outcome.values[0], held_at=day, text="Seen", by=amelia, at=day)
    events.react()
    plan.refresh_from_db()
    assert plan.reviewed_at == TUESDAY + 3 * DAY


def test_other_days_move_it_and_a_plan_at_rest_asks_nobody(plan, amelia):
    services.change(plan, review_days=30, by=amelia, at=TUESDAY)
    assert asked(plan).due_at == TUESDAY + 30 * DAY
    services.hold(plan, because="Budget", by=amelia, at=TUESDAY)
    assert not WorkItem.objects.filter(kind="plan_review", state="open").exists()
    assert reviews.ask_all(at=TUESDAY) == 0
    services.go_on(plan, by=amelia, at=TUESDAY)
    assert asked(plan) == plan.review
    services.complete(plan, by=amelia, at=TUESDAY)
    assert not WorkItem.objects.filter(kind="plan_review", state="open").exists()


def test_plans_that_are_older_than_reviews_are_asked_for_once(plan):
    type(plan).objects.update(review=None)
    WorkItem.objects.filter(kind="plan_review").delete()
    assert (reviews.ask_all(at=TUESDAY), reviews.ask_all(at=TUESDAY)) == (1, 0)


def a_task(plan, owner, **values):
    given = {"title": "Send the report", "side": "ours", "our_owner": owner, "due_on": TUESDAY.date() + 3 * DAY}
    return tasks.add_by_hand(plan, by=None, at=TUESDAY, **(given | values))


def test_a_date_that_the_customer_sees_has_a_clock_and_one_of_ours_has_none(plan, amelia):
    shared, own = a_task(plan, amelia), a_task(plan, amelia, is_shared=False)
    assert own.work_item.clock is None
    clock = shared.work_item.clock
    assert clock.due_at.date() == shared.due_on
    assert clocks.advance(at=clock.next_at) >= 1
    clock.refresh_from_db()
    assert clock.level == 1  # its owner was warned


def test_another_day_begins_another_clock_and_the_one_before_counts_for_nothing(plan, amelia):
    task = a_task(plan, amelia)
    first = task.work_item.clock
    tasks.change(task, version=None, due_on=TUESDAY.date() + 6 * DAY, by=amelia, at=TUESDAY)
    item = WorkItem.objects.get(pk=task.work_item_id)
    first.refresh_from_db()
    assert (first.state, item.clock.state, item.due_at.date()) == ("cancelled", "running", task.due_on)
    tasks.change(task, version=None, is_shared=False, by=amelia, at=TUESDAY)
    item.refresh_from_db()
    assert item.clock is None


@pytest.mark.parametrize("hour", [0, 8, 9, 12, 16, 17, 23])
@pytest.mark.parametrize("days", [0, 1, 4, 20])
def test_a_clock_for_a_day_ends_on_that_day(amelia, hour, days):
    """Whatever the hour it begins at; none where the day has no hour left, or is no day of work."""
    start = TUESDAY.replace(hour=hour)
    due_at = TUESDAY.replace(hour=16, minute=45) + days * DAY
    within = work.time_until(due_at, amelia, at=start)
    if not within:
        assert due_at < start + dt.timedelta(hours=1) or due_at.weekday() > 4
        return
    found = clocks.hours(None, zone="UTC").due(within, start=start)
    assert found.date() == due_at.date()


def test_what_was_delegated_comes_again_for_whoever_has_it_now(plan, amelia, bruno):
    task = a_task(plan, amelia, repeat_days=7)
    work.reassign(task.work_item, to=bruno, by=amelia, at=TUESDAY)
    events.react()
    task.refresh_from_db()
    assert task.our_owner == bruno
    tasks.finish(task, by=bruno, at=TUESDAY + DAY)
    again = PlanTask.objects.get(title="Send the report", state="open")
    assert (again.our_owner, again.work_item.assignee) == (bruno, bruno)
