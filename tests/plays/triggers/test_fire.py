"""One occurrence, one decision, and at most one open run for a play and an account."""

import datetime as dt
import logging
from collections import Counter

import pytest
from django.db import IntegrityError, transaction

from accounts.foundation import audit, claims
from accounts.foundation.models import AuditEntry
from accounts.portfolio.models import AccountEvent
from plays.decisions.models import Decision
from plays.definitions import services as definitions
from plays.runs import services as runs
from plays.runs.models import Run, StepRun
from plays.triggers import candidates
from plays.triggers import services as triggers
from plays.triggers.models import Candidate
from retention.evaluation.models import Edge
from tests.factories.accounts import AT, AccountFactory
from tests.factories.plays import DecisionFactory
from tests.factories.retention import CLAUSE, EdgeFactory
from tests.plays.drafts import active_play, draft, edge
from tests.threads import at_once

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def play():
    return active_play()


@pytest.fixture
def account():
    return AccountFactory()


def end(run: Run, *, at: dt.datetime = AT) -> None:
    for step in StepRun.objects.filter(run=run):
        runs.step_done(step, at=at)


def outcomes() -> list[str]:
    return list(Decision.objects.order_by("pk").values_list("outcome", flat=True))


def test_entering_the_condition_starts_a_run_with_its_reason(play, account):
    found = edge(play, account)
    assert triggers.fire(at=AT) == 1
    decision, run = Decision.objects.get(), Run.objects.get()
    assert (decision.outcome, decision.edge, decision.clauses) == ("fired", found, [CLAUSE])
    assert decision.occurrence_key == run.occurrence_key == f"edge:{found.pk}"
    assert (run.decision, run.account, run.version.number, run.state) == (decision, account, 1, "open")
    assert StepRun.objects.get().state == StepRun.State.DUE
    assert AccountEvent.objects.get().kind == "run.started"


def test_runs_that_start_together_leave_the_entries_that_one_would(play):
    for _ in range(3):
        edge(play, AccountFactory())
    with audit.through("job"):
        triggers.fire(at=AT)
    for run in Run.objects.all():
        entry = AuditEntry.objects.get(verb="run.start", object_id=str(run.pk))
        assert (entry.object_type, entry.account_id, entry.door, entry.actor_id) == ("run", run.account_id, "job", None)
        assert (entry.at, entry.before) == (AT, {})
        fields = ("id", "play_id", "version_id", "account_id", "decision_id", "occurrence_key", "state")
        assert entry.after == {name: getattr(run, name) for name in fields} | {"started_at": "2026-03-04T10:00:00Z"}
        event = AccountEvent.objects.get(kind="run.started", account=run.account)
        assert (event.subject, event.data) == (f"run:{run.pk}", {"play": "Usage low", "clauses": [CLAUSE]})


def test_an_edge_is_read_once(play, account):
    edge(play, account)
    assert [triggers.fire(at=AT), triggers.fire(at=AT)] == [1, 0]
    assert Run.objects.count() == 1


def test_leaving_the_condition_starts_nothing(play, account):
    edge(play, account, direction="left")
    assert triggers.fire(at=AT) == 1
    assert not Decision.objects.exists()
    assert not Edge.objects.filter(pending=True).exists()


def test_edges_of_other_readers_are_left_alone(play):
    other = EdgeFactory(pending=True, watch__reader="somebody", watch__key="stage:x:y")
    assert triggers.fire(at=AT) == 0
    assert Edge.objects.get(pk=other.pk).pending


def test_an_inactive_play_starts_nothing(play, account):
    edge(play, account)
    definitions.deactivate(play, by=None, at=AT)
    assert triggers.fire(at=AT) == 1
    assert not Decision.objects.exists()
    assert not Run.objects.exists()


def test_while_a_run_is_open_another_occurrence_is_decided_and_starts_nothing(play, account):
    edge(play, account)
    edge(play, account, n=2)
    triggers.fire(at=AT)
    assert outcomes() == ["fired", "already_open"]
    assert Run.objects.count() == 1


@pytest.mark.parametrize(
    ("again_after", "waited", "outcome"),
    [
        (60, 60 * DAY - dt.timedelta(seconds=1), "cooled_down"),
        (60, 60 * DAY, "fired"),
        (None, dt.timedelta(seconds=1), "fired"),
    ],
)
def test_after_a_run_another_may_start_when_the_days_are_over(again_after, waited, outcome, account):
    play = active_play(again_after_days=again_after)
    edge(play, account)
    triggers.fire(at=AT)
    end(Run.objects.get())
    edge(play, account, n=2)
    triggers.fire(at=AT + waited)
    assert outcomes() == ["fired", outcome]
    assert Run.objects.count() == (2 if outcome == "fired" else 1)


def test_a_decision_not_to_start_says_until_when(account):
    play = active_play(again_after_days=60)
    edge(play, account)
    triggers.fire(at=AT)
    end(Run.objects.get())
    edge(play, account, n=2)
    triggers.fire(at=AT + DAY)
    assert Decision.objects.latest("pk").detail == "May start again on 03 May 2026."


def test_runs_of_other_accounts_and_other_plays_do_not_matter(play, account):
    other = active_play(key="other")
    for found in (edge(play, account), edge(play, AccountFactory()), edge(other, account)):
        assert found.pending
    assert triggers.fire(at=AT) == 3
    assert outcomes() == ["fired"] * 3


def test_a_new_run_follows_the_version_that_is_current_then(play, account):
    edge(play, account)
    triggers.fire(at=AT)
    definitions.publish(draft(purpose="Another."), by=None, at=AT)
    edge(play, AccountFactory())
    triggers.fire(at=AT)
    assert list(Run.objects.order_by("pk").values_list("version__number", flat=True)) == [1, 2]


def test_one_edge_that_cannot_be_decided_does_not_stop_the_others(play, monkeypatch, caplog):
    edges = [edge(play, AccountFactory()) for _ in range(7)]
    poisoned = f"edge:{edges[3].pk}"
    real = triggers.decide

    def decide(chances, **values):
        if any(chance.key == poisoned for chance in chances):
            raise ValueError("no such play")
        return real(chances, **values)

    for module in (triggers, candidates):
        monkeypatch.setattr(module, "decide", decide)
    with caplog.at_level(logging.ERROR, "plays.triggers.candidates"):
        assert triggers.fire(at=AT) == 7
    assert Run.objects.count() == 6
    assert f"{poisoned} could not be decided" in caplog.text
    row = Candidate.objects.get()
    assert (row.occurrence_key, row.state, row.error) == (poisoned, "due", "ValueError: no such play")
    at = AT
    for _ in range(claims.TRIES):
        at += dt.timedelta(hours=7)
        triggers.fire(at=at)
    row.refresh_from_db()
    assert row.state == Candidate.State.DEAD, "somebody sees it, and nothing tries it for ever"
    monkeypatch.setattr(candidates, "decide", real)
    claims.retry(row, by=None, at=at)
    triggers.fire(at=at)
    assert Run.objects.count() == 7


def test_an_occurrence_that_was_decided_before_is_not_decided_again(play, account):
    found = edge(play, account)
    DecisionFactory(version=play.versions.get(), account=account, occurrence_key=f"edge:{found.pk}")
    assert triggers.fire(at=AT) == 1
    assert not Run.objects.exists()
    assert not Edge.objects.filter(pending=True).exists()


def test_the_database_refuses_a_second_open_run_and_a_second_run_of_one_occurrence(play, account):
    edge(play, account)
    triggers.fire(at=AT)
    run = Run.objects.get()
    twin = DecisionFactory(version=run.version, account=account)
    with pytest.raises(runs.RunAlreadyOpen):
        runs.start(twin, at=AT)
    end(run)
    same = {"play": run.play, "version": run.version, "account": account, "started_at": AT}
    with pytest.raises(IntegrityError), transaction.atomic():
        Run.objects.create(decision=twin, occurrence_key=run.occurrence_key, **same)
    assert Run.objects.count() == 1


def test_workers_at_once_make_one_run_for_each_occurrence(transactional_db, caplog):
    play = active_play()
    edges = [edge(play, AccountFactory()) for _ in range(20)]
    read = at_once(*[lambda: triggers.fire(at=AT)] * 4)
    assert sum(read) == len(edges)
    assert Counter(Run.objects.values_list("account", flat=True)) == Counter(found.account_id for found in edges)
    assert outcomes() == ["fired"] * 20
    assert StepRun.objects.count() == 20
    assert not caplog.records, "who comes second leaves the edge alone, instead of failing on it"


def test_workers_at_once_make_one_run_of_several_occurrences_of_one_account(transactional_db):
    play = active_play()
    accounts = [AccountFactory() for _ in range(5)]
    for n in (1, 2, 3):
        for account in accounts:
            edge(play, account, n=n)
    at_once(*[lambda: triggers.fire(at=AT)] * 4)
    while triggers.fire(at=AT):  # an edge that met another of its account waits for the next round
        pass
    assert Counter(Run.objects.values_list("account", flat=True)) == {account.pk: 1 for account in accounts}
    assert Counter(outcomes()) == {"fired": 5, "already_open": 10}
    assert not Edge.objects.filter(pending=True).exists()
