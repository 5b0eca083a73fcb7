"""A won deal of a new customer starts its plan, once, with everything on it."""

import datetime as dt

import pytest

from accounts.deals import services as deals
from accounts.foundation.clock import now
from accounts.outbox.models import Delivery
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import AccountEvent
from accounts.stakeholders import services as stakeholders
from config import pipeline
from retention.success_plans import services, starting
from retention.success_plans.models import PlanTask, SuccessPlan
from retention.work.models import WorkItem
from tests.factories import accounts

pytestmark = pytest.mark.django_db


def win(account, **values):
    known = {"name": "First year", "type": "new", "state": "won", "by": None, "at": now()} | values
    return deals.enter(account, **known)


@pytest.fixture
def champion(northwind):
    return stakeholders.add(
        northwind, name="Ines", title="Head of Growth Marketing", roles=["champion", "admin"], by=None, at=now()
    )


def test_a_won_deal_starts_the_plan_of_the_champions_persona(northwind, champion):
    portfolio.change(northwind, use_case="operations", tech_stack=["Slack", "HubSpot"], by=None, at=now())
    deal = win(northwind)
    pipeline.run()
    plan = SuccessPlan.objects.get()
    assert (plan.account, plan.deal, plan.template.template.key) == (northwind, deal, "marketing_lead")
    assert plan.path.template.key == "hubspot"
    assert {task.list for task in plan.tasks.all()} == {"marketing_lead", "hubspot", "won"}
    assert [one.their_owner for one in plan.objectives.all()] == [champion] * 3


def test_one_notice_tells_of_all_the_tasks_of_a_plan(northwind, champion, amelia):
    win(northwind)
    pipeline.run()
    assert WorkItem.objects.filter(assignee=amelia, kind="plan_task").count() > 3
    told = Delivery.objects.filter(user=amelia, purpose="work").values_list("body__subject", flat=True)
    assert len([subject for subject in told if subject.startswith("New work in a success plan: ")]) == 1


def test_without_a_champion_the_use_case_chooses_and_then_the_fallback(northwind):
    portfolio.change(northwind, use_case="sales_management", by=None, at=now())
    win(northwind)
    other = accounts.AccountFactory(use_case="", tech_stack=["Snowflake"])
    win(other)
    pipeline.run()
    chosen = {plan.account: (plan.template.template.key, plan.path.template.key) for plan in SuccessPlan.objects.all()}
    assert chosen == {northwind: ("sales_manager", "no_stack"), other: ("operations", "warehouse")}


def test_our_tasks_are_work_of_whoever_has_the_role_and_theirs_are_not(northwind, champion, amelia):
    win(northwind)
    pipeline.run()
    ours = PlanTask.objects.filter(side="ours")
    assert ours
    assert all(task.work_item and task.our_owner == amelia for task in ours)
    kickoff = ours.get(title="Book the kickoff")
    assert kickoff.work_item.kind == "plan_task"
    theirs = PlanTask.objects.filter(side="theirs")
    assert theirs
    assert not theirs.exclude(work_item=None).exists()
    assert all(task.their_owner == champion for task in theirs)


def test_due_days_count_from_the_win(northwind, amelia):
    friday = dt.datetime(2026, 11, 20, 10, tzinfo=dt.UTC)
    deal = win(northwind, state="open")
    plan = starting.start_for(deal, won_at=friday, at=friday)
    due = {task.title: task.due_on for task in plan.tasks.filter(list="won")}
    assert due["Book the kickoff"] == dt.date(2026, 11, 23)  # one business day: Monday
    assert due["Connect the integration"] == dt.date(2026, 11, 27)  # seven days
    assert due["Hand over to support"] == dt.date(2026, 12, 25)


@pytest.mark.parametrize("type_", ["expansion", "renewal"])
def test_other_deals_start_none(northwind, type_):
    win(northwind, type=type_)
    pipeline.run()
    assert not SuccessPlan.objects.exists()


def test_a_win_of_long_ago_is_history(northwind):
    win(northwind, closed_at=now() - dt.timedelta(days=31))
    pipeline.run()
    assert not SuccessPlan.objects.exists()


def test_repeats_of_a_won_deal_start_one(northwind, product):
    for phase in ("a", "b", "c"):
        values = {"name": "First year", "state": "won", "phase": phase}
        deals.save(northwind, source=product, external_id="7", by=None, at=now(), **values)
        pipeline.run()
    assert SuccessPlan.objects.count() == 1
    assert AccountEvent.objects.filter(kind="plan.started").count() == 1


def test_a_deal_lost_again_holds_its_plan_and_asks_the_csm(northwind, amelia):
    deal = win(northwind)
    pipeline.run()
    deals.change(deal, state="lost", lost_reason="Budget was taken back", by=None, at=now())
    pipeline.run()
    plan = SuccessPlan.objects.get()
    assert plan.state == "held"
    assert WorkItem.objects.get(title__startswith="Decide about the plan").assignee == amelia
    deals.change(deal, state="won", by=None, at=now())
    pipeline.run()
    plan.refresh_from_db()
    assert plan.state == "open"
    assert SuccessPlan.objects.count() == 1


def test_by_hand_with_a_template_of_ones_choice(northwind, amelia):
    from retention.success_plans.templates import latest_of

    plan = starting.start(northwind, template=latest_of("pilot"), by=amelia, at=now())
    assert plan.objectives.count() == 3
    services.complete(plan, by=amelia, at=now())
    assert not WorkItem.objects.filter(state="open").exists()
