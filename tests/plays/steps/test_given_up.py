"""A step that cannot be carried out: tried again later and later, given up, and then a person decides."""

import datetime as dt

import pytest

from accounts.foundation import claims
from accounts.portfolio.models import AccountEvent
from plays.runs.models import Run, StepRun
from plays.steps import registry
from plays.steps import services as steps
from plays.triggers import services as triggers
from retention.work.models import WorkItem
from tests.factories.accounts import AT, AccountFactory
from tests.plays.drafts import TASK, StepDraft, active_play, edge

pytestmark = pytest.mark.django_db
TWO = (StepDraft("call", "human_task", TASK), StepDraft("write", "human_task", {**TASK, "title": "Write"}))


def fails(step, at):
    raise ValueError("nobody answers")


@pytest.fixture
def kind(monkeypatch):
    """Sets what starting a step does."""
    real = registry.step_kinds["human_task"]

    def becomes(start=real.start):
        changed = registry.StepKind(real.label, real.check, start)
        monkeypatch.setitem(registry.step_kinds._entries, "human_task", changed)

    return becomes


def given_up(kind, **values) -> tuple[StepRun, dt.datetime]:
    edge(active_play(**values), AccountFactory())
    triggers.fire(at=AT)
    kind(fails)
    at = AT
    for _ in range(claims.TRIES):
        steps.advance(at=at)
        at += dt.timedelta(hours=7)
    return StepRun.objects.get(), at


def test_it_waits_longer_after_each_try_and_then_its_run_waits_for_a_person(kind):
    edge(active_play(), AccountFactory())
    triggers.fire(at=AT)
    kind(fails)
    steps.advance(at=AT)
    step = StepRun.objects.get()
    assert (step.state, step.tries, step.error) == ("due", 1, "ValueError: nobody answers")
    assert steps.advance(at=AT + dt.timedelta(seconds=59)) == 0
    at = AT
    for _ in range(claims.TRIES - 1):
        at += dt.timedelta(hours=7)
        steps.advance(at=at)
    step.refresh_from_db()
    assert (step.state, Run.objects.get().state) == ("dead", "open")
    assert AccountEvent.objects.filter(kind="step.given_up").count() == 1


def test_tried_again_it_goes_on_where_it_stopped(kind):
    step, at = given_up(kind)
    kind()
    claims.retry(step, by=None, at=at)
    assert steps.advance(at=at) == 1
    step.refresh_from_db()
    assert (step.state, step.error, WorkItem.objects.count()) == ("waiting", "", 1)


def test_who_looks_reads_what_the_step_is_called(kind):
    step, _ = given_up(kind)
    assert claims.work["steps"].describe(step) == f"“Call {step.run.account.name}”, a step of Usage low"


def test_discarded_the_run_goes_on_with_the_next_step(kind):
    step, at = given_up(kind, steps=TWO)
    kind()
    claims.discard(step, by=None, at=at)
    states = StepRun.objects.order_by("definition__position").values_list("state", flat=True)
    assert list(states) == ["discarded", "due"]
    steps.advance(at=at)
    assert WorkItem.objects.get().title.endswith("Write")


def test_discarded_the_last_step_ends_the_run(kind):
    step, at = given_up(kind)
    claims.discard(step, by=None, at=at)
    run = Run.objects.get()
    assert (run.state, run.ended_at) == ("ended", at)
    with pytest.raises(claims.NotGivenUp):
        claims.discard(step, by=None, at=at)


def test_a_kind_that_is_done_at_once_lets_the_run_go_on(kind):
    edge(active_play(steps=TWO), AccountFactory())
    triggers.fire(at=AT)
    kind(lambda step, at: True)
    while steps.advance(at=AT):
        pass
    assert list(StepRun.objects.values_list("state", "ended_at")) == [("done", AT)] * 2
    assert Run.objects.get().state == "ended"


def test_a_worker_that_lost_its_step_writes_nothing(kind):
    edge(active_play(), AccountFactory())
    triggers.fire(at=AT)
    slow = StepRun.objects.select_related(*steps.RELATED).get()
    assert claims.claim(slow, at=AT, lease=dt.timedelta(seconds=-1))
    steps.advance(at=AT)
    with pytest.raises(claims.ClaimLost):
        steps._start(slow, AT)
    assert WorkItem.objects.count() == 1
