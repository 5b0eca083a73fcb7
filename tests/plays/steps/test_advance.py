"""Steps follow one another; the run ends with the last one."""

import datetime as dt
import logging
from collections import Counter

import pytest

from accounts.events import services as events
from accounts.portfolio.models import AccountEvent
from plays.runs import services as runs
from plays.runs.models import Run, StepRun
from plays.steps import registry
from plays.steps import services as steps
from plays.triggers import services as triggers
from retention.work import services as work
from retention.work.models import WorkItem
from tests.factories.accounts import AT, AccountFactory
from tests.factories.retention import WorkItemFactory
from tests.plays.drafts import TASK, StepDraft, active_play, edge
from tests.threads import at_once

pytestmark = pytest.mark.django_db
LATER = AT + dt.timedelta(hours=2)
TWO = (StepDraft("call", "human_task", TASK), StepDraft("write", "human_task", {**TASK, "title": "Write"}))


def started(*, accounts: int = 1, **values) -> list[Run]:
    play = active_play(**values)
    for _ in range(accounts):
        edge(play, AccountFactory())
    triggers.fire(at=AT)
    return list(Run.objects.order_by("pk"))


def close(item: WorkItem, *, at: dt.datetime = LATER) -> None:
    work.close(item, outcome="done", by=None, at=at)
    events.react(at=AccountEvent.objects.latest("recorded_at").recorded_at)


def states(run: Run) -> list[str]:
    return list(run.steps.order_by("definition__position").values_list("state", flat=True))


def test_closing_the_last_work_ends_the_run():
    [run] = started()
    steps.advance(at=AT)
    close(WorkItem.objects.get())
    run.refresh_from_db()
    assert (run.state, run.ended_at, states(run)) == ("ended", LATER, ["done"])
    kinds = list(AccountEvent.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["run.started", "work.opened", "work.closed", "run.ended"]


def test_steps_come_one_after_the_other():
    [run] = started(steps=TWO)
    assert steps.advance(at=AT) == 1
    assert steps.advance(at=AT) == 0
    close(WorkItem.objects.get())
    assert states(run) == ["done", "due"]
    assert steps.advance(at=LATER) == 1
    assert list(WorkItem.objects.order_by("pk").values_list("state", flat=True)) == ["done", "open"]
    assert Run.objects.get().state == Run.State.OPEN


def test_a_step_that_was_done_before_is_not_done_again():
    [run] = started(steps=TWO)
    [step] = run.steps.all()
    runs.step_done(step, at=AT)
    runs.step_done(step, at=LATER)
    assert states(run) == ["done", "due"]
    assert run.steps.get(definition__key="call").ended_at == AT


def test_dismissed_work_lets_the_run_go_on_too():
    [run] = started()
    steps.advance(at=AT)
    work.close(WorkItem.objects.get(), outcome="false_alarm", note="Export was down.", by=None, at=LATER)
    events.react(at=AccountEvent.objects.latest("recorded_at").recorded_at)
    run.refresh_from_db()
    assert run.state == Run.State.ENDED


def test_closing_other_work_of_the_account_changes_no_run():
    [run] = started()
    steps.advance(at=AT)
    close(WorkItemFactory(account=run.account))
    run.refresh_from_db()
    assert (run.state, states(run)) == ("open", ["waiting"])


def test_a_step_that_cannot_start_does_not_stop_the_others(monkeypatch, caplog):
    first, second = started(accounts=2)
    kind = registry.step_kinds["human_task"]

    def start(step, at):
        if step.run_id == first.pk:
            WorkItemFactory(account=step.run.account, title="half done")
            raise ValueError("no such part")
        kind.start(step, at)

    fragile = registry.StepKind(kind.label, kind.check, start)
    monkeypatch.setitem(registry.step_kinds._entries, "human_task", fragile)
    with caplog.at_level(logging.ERROR, "accounts.foundation.claims"):
        assert steps.advance(at=AT) == 2
    assert (states(first), states(second)) == (["due"], ["waiting"])
    assert WorkItem.objects.get().account == second.account, "what the broken step wrote is undone"
    assert "The step" in caplog.text
    monkeypatch.setitem(registry.step_kinds._entries, "human_task", kind)
    assert steps.advance(at=LATER) == 1
    assert states(first) == ["waiting"]


def test_workers_at_once_start_each_step_once(transactional_db):
    found = started(accounts=12)
    moved = at_once(*[lambda: steps.advance(at=AT)] * 4)
    assert sum(moved) == len(found)
    assert Counter(WorkItem.objects.values_list("account", flat=True)) == Counter(run.account_id for run in found)
    assert not StepRun.objects.filter(state=StepRun.State.DUE).exists()


def test_work_that_many_report_closed_ends_the_step_once(transactional_db):
    [run] = started(steps=TWO)
    [step] = run.steps.all()
    at_once(*[lambda: runs.step_done(StepRun.objects.get(pk=step.pk), at=LATER)] * 4)
    assert states(run) == ["done", "due"]
