"""Objectives: what they cannot be closed without, two people at one, progress, goals of use."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from accounts.facts import projection
from accounts.foundation.clock import now
from accounts.foundation.models import AuditEntry
from accounts.portfolio.models import AccountEvent
from retention.success_plans import goals, objectives, queries, services, tasks
from retention.success_plans.models import PlanObjective, PlanTask
from retention.success_plans.versions import Stale
from retention.work import services as work
from retention.work.models import WorkItem
from tests.factories import accounts, retention

DAY = dt.date(2026, 3, 4)


@pytest.fixture
def objective(northwind, amelia):
    plan = retention.SuccessPlanFactory(account=northwind)
    ines = accounts.StakeholderFactory(account=northwind, name="Ines")
    known = {"our_owner": amelia, "their_owner": ines, "effort": "2 hours", "due_on": DAY}
    return retention.PlanObjectiveFactory(plan=plan, evidence="Seen", next_step="The weekly one", **known)


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["our_owner", "their_owner", "effort", "due_on", "evidence", "next_step"])
def test_cannot_be_closed_without(objective, amelia, field):
    gone = None if field in ("our_owner", "their_owner", "due_on") else ""
    PlanObjective.objects.filter(pk=objective.pk).update(**{field: gone})
    with pytest.raises(ValidationError) as refused:
        objectives.close(objective, by=amelia, at=now())
    assert set(refused.value.message_dict) == {field}
    with pytest.raises(IntegrityError), transaction.atomic():
        PlanObjective.objects.filter(pk=objective.pk).update(state="closed", closed_at=now())
    objective.refresh_from_db()
    assert objective.is_open


@pytest.mark.django_db
def test_what_is_missing_may_come_with_the_closing_and_all_of_it_or_nothing(objective, amelia):
    PlanObjective.objects.filter(pk=objective.pk).update(evidence="", next_step="")
    with pytest.raises(ValidationError):
        objectives.close(objective, evidence="20 minutes now", by=amelia, at=now())
    objective.refresh_from_db()
    assert objective.evidence == ""
    objectives.close(objective, evidence="20 minutes now", next_step="The weekly one", by=amelia, at=now())
    objective.refresh_from_db()
    assert (objective.state, objective.closed_by) == ("closed", amelia)
    assert AccountEvent.objects.filter(kind="plan.objective_closed").count() == 1
    assert AuditEntry.objects.filter(verb="objective.close", actor_id=amelia.pk).count() == 1


@pytest.mark.django_db
def test_whoever_saves_second_is_told_both_versions(objective, amelia, bruno):
    objectives.change(objective, version=1, goal="Reports in seconds", by=bruno, at=now())
    with pytest.raises(Stale) as refused:
        objectives.change(objective, version=1, goal="Reports at once", by=amelia, at=now())
    assert refused.value.theirs == {"goal": "Reports in seconds"}
    assert refused.value.yours == {"goal": "Reports at once"}
    assert "Reports in seconds" in refused.value.messages[0]
    objective.refresh_from_db()
    assert objective.goal == "Reports in seconds"


@pytest.mark.django_db
def test_somebody_of_another_account_owns_nothing_here(objective, amelia):
    stranger = accounts.StakeholderFactory()
    with pytest.raises(ValidationError) as refused:
        objectives.change(objective, version=None, their_owner=stranger, by=amelia, at=now())
    assert "another account" in refused.value.message_dict["their_owner"][0]


@pytest.mark.django_db
def test_a_plan_that_is_completed_is_read_only(objective, amelia):
    services.complete(objective.plan, by=amelia, at=now())
    for verb in (objectives.close, objectives.reopen):
        with pytest.raises(ValidationError):
            verb(objective, by=amelia, at=now())


numbers = st.decimals(min_value=-1000, max_value=1000, places=2)


@given(numbers, numbers, numbers)
def test_attainment_is_a_share_and_complete_only_at_the_target(baseline, target, value):
    objective = PlanObjective(baseline=baseline, target=target, value=value)
    share = queries.attainment(objective, [], {})
    assert 0 <= share <= 1
    reached = value >= target if target >= baseline else value <= target
    if baseline != target:
        assert (share == 1) == reached


@given(st.lists(st.sampled_from(PlanTask.State.values), max_size=6))
def test_without_figures_tasks_tell_and_skipped_ones_do_not_count(states):
    rows = [PlanTask(state=state) for state in states]
    counted = [state for state in states if state != "skipped"]
    expected = counted.count("done") / len(counted) if counted else None
    assert queries.attainment(PlanObjective(), rows, {}) == expected


@pytest.mark.django_db
def test_a_goal_of_use_is_told_of_once_when_reached_and_once_when_it_falls_short(objective, amelia):
    fields = {"fact": "active_users_30d", "target": Decimal(10), "alert_percent": 80, "due_on": now().date()}
    PlanObjective.objects.filter(pk=objective.pk).update(**fields)
    facts = accounts.AccountFactsFactory(account=objective.plan.account, active_users_30d=8)
    assert goals.check() == 0  # 80 per cent is not below 80 per cent
    type(facts).objects.update(active_users_30d=7)
    assert (goals.check(), goals.check()) == (1, 0)
    assert WorkItem.objects.get(title__startswith="Use falls short").assignee == amelia
    type(facts).objects.update(active_users_30d=12)
    assert (goals.check(), goals.check()) == (1, 0)
    type(facts).objects.update(active_users_30d=None)
    assert goals.check() == 0  # unknown tells nothing


@pytest.mark.django_db
def test_ending_the_task_or_its_work_ends_both(northwind, amelia, pump):
    plan = retention.SuccessPlanFactory(account=northwind)
    first, second = [
        tasks.add_by_hand(plan, title=title, side="ours", our_owner=amelia, due_on=DAY, by=amelia, at=now())
        for title in ("One", "Two")
    ]
    tasks.finish(first, by=amelia, at=now())
    assert not WorkItem.objects.get(pk=first.work_item_id).is_open
    work.close(second.work_item, outcome="done", by=amelia, at=now())
    pump()
    second.refresh_from_db()
    assert (second.state, second.done_by) == ("done", amelia)
    tasks.reopen(first, by=amelia, at=now())
    assert WorkItem.objects.get(pk=first.work_item_id).is_open


@pytest.mark.django_db
def test_what_repeats_comes_again_as_often_as_it_should(northwind, amelia):
    plan = retention.SuccessPlanFactory(account=northwind)
    task = retention.PlanTaskFactory(plan=plan, due_on=now().date(), repeat_days=7, times_left=1)
    tasks.finish(task, by=amelia, at=now())
    again = plan.tasks.get(state="open")
    assert again.due_on == now().date() + dt.timedelta(days=7)
    tasks.finish(again, by=amelia, at=now())
    assert not plan.tasks.filter(state="open").exists()


@pytest.mark.django_db
def test_facts_say_what_was_agreed_and_reached(objective, amelia):
    account = objective.plan.account
    retention.PlanObjectiveFactory(plan=objective.plan, baseline=0, target=10, value=5)
    objectives.close(objective, by=amelia, at=now())
    while projection.project_dirty():
        pass
    kept = account.facts.custom
    assert kept["objectives_closed"] == 1
    assert kept["goal_attainment_share"] == 0.75
    assert kept["objective_closed_at"]
    assert "onboarding_items_on_time_share" not in kept  # no plan of a won deal: unknown
