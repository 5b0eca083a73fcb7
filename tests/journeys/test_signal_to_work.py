"""The thread: signals of a real account become facts, a stage, a run and one piece of work for its CSM."""

from typing import Any

import pytest
from django.test import Client

from accounts.facts.models import AccountFacts
from accounts.foundation.clock import now
from accounts.ingestion.models import SignalEvent
from accounts.portfolio.models import Account, AccountEvent
from accounts.team.models import User
from plays.decisions.models import Decision
from plays.definitions.models import Play
from plays.runs.models import Run
from retention.work import queries as work_queries
from retention.work import services as work
from retention.work.models import WorkItem
from tests.cast import send, usage


def counts() -> dict[str, int]:
    tables = [SignalEvent, AccountEvent, Run, Decision, WorkItem]
    return {table.__name__: table.objects.count() for table in tables}


@pytest.fixture
def dropped(client: Client, ingest_key: str, northwind: Account, usage_drop: Play, pump: Any) -> WorkItem:
    """The work that came of a drop in use."""
    send(client, ingest_key, usage())
    pump()
    return WorkItem.objects.get()


def test_facts_say_what_was_sent(dropped: WorkItem, northwind: Account) -> None:
    facts = AccountFacts.objects.get(account=northwind)
    assert facts.active_users_30d == 2
    assert facts.active_users_change_30d == pytest.approx(-0.8333, abs=1e-4)
    assert facts.features_used_30d == 1


def test_the_work_is_the_csms_and_says_why(dropped: WorkItem, amelia: User) -> None:
    assert dropped.assignee == amelia
    assert dropped.due_at > now()
    reason = work_queries.reason(dropped)
    assert reason is not None
    assert reason.title == "Usage drop"
    assert "−83 %" in reason.sentence
    [clause] = reason.clauses
    assert clause["fact"] == "active_users_change_30d"
    assert clause["observed"] == pytest.approx(-0.8333, abs=1e-4)


def test_sending_everything_again_changes_nothing(
    dropped: WorkItem, client: Client, ingest_key: str, pump: Any
) -> None:
    before = counts()
    send(client, ingest_key, usage())
    pump()
    assert counts() == before


def test_closing_the_work_ends_the_run_and_the_timeline_tells_it(
    dropped: WorkItem, amelia: User, northwind: Account, pump: Any
) -> None:
    work.close(dropped, outcome="next_step_agreed", note="Training on Thursday", by=amelia, at=now())
    pump()
    assert Run.objects.get().state == Run.State.ENDED
    told = list(AccountEvent.objects.filter(account=northwind).order_by("id").values_list("kind", flat=True))
    assert told == [
        "account.created",
        "account.assigned",
        "identity.linked",
        "signals.started",
        "risk.tier_changed",
        "run.started",
        "work.opened",
        "work.closed",
        "run.ended",
    ]


def test_a_csm_of_another_team_sees_none_of_it(dropped: WorkItem, carla: User) -> None:
    for model in (Account, AccountFacts, AccountEvent, Run, Decision, WorkItem, SignalEvent):
        assert not model.objects.for_user(carla).exists(), model


def test_her_manager_sees_all_of_it(dropped: WorkItem, bruno: User) -> None:
    for model in (Account, AccountFacts, AccountEvent, Run, Decision, WorkItem):
        assert model.objects.for_user(bruno).exists(), model
