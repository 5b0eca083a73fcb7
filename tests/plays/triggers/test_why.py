"""`manage.py why`: what a play decided, on what evidence, and why it decided nothing."""

import json
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.foundation.clock import now
from accounts.portfolio.models import Account
from plays.definitions.models import Play
from plays.definitions.services import activate
from plays.runs.models import Run
from plays.triggers.services import fire
from tests.cast import send, usage
from tests.retention.evaluation.facts import evaluate, know


def why(capsys: Any, *args: str) -> str:
    call_command("why", *args)
    return capsys.readouterr().out


@pytest.fixture
def play(starter: Any) -> Play:
    return Play.objects.get(key="usage_drop")


def test_a_decision_is_told_with_what_was_seen(
    client: Client, ingest_key: str, northwind: Account, usage_drop: Play, pump: Any, capsys: Any
) -> None:
    send(client, ingest_key, usage())
    pump()
    said, clause = why(capsys, "northwind-traders", "usage_drop").splitlines()
    assert said.endswith("version 1: Started, because Change in active users −83 % (is below −30 %).")
    assert " ".join(clause.split()) == "true Change in active users is below −30 %; observed: −83 %"


def test_decisions_stand_newest_first(northwind: Account, usage_drop: Play, pump: Any, capsys: Any) -> None:
    for change in (-0.4, 0.1, -0.5):
        know(northwind, active_users_change_30d=change)
        evaluate(now())
        while fire():
            pass
    first, _, second, _ = why(capsys, "northwind-traders", "usage_drop").splitlines()
    assert "Already running" in first
    assert first.endswith("(is below −30 %). A run is open; there is one at a time.")
    assert "Started" in second
    assert Run.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "says", "truth"),
    [
        (-0.4, "The trigger held already", "true"),
        (-0.1, "The trigger does not hold.", "false"),
        (None, "cannot be answered", "unknown"),
    ],
)
def test_silence_is_explained(
    northwind: Account, play: Play, capsys: Any, change: float | None, says: str, truth: str
) -> None:
    know(northwind, active_users_change_30d=change)
    activate(play, by=None, at=now())
    nothing, reason, clause = why(capsys, "northwind-traders", "usage_drop").splitlines()
    assert nothing == "Usage drop has decided nothing about Northwind Traders yet."
    assert says in reason
    assert clause.split()[0] == truth


def test_a_play_that_is_not_active_says_so(northwind: Account, play: Play, capsys: Any) -> None:
    assert "not active" in why(capsys, "northwind-traders", "usage_drop")


def test_what_becomes_true_is_seen_by_the_next_pass(northwind: Account, usage_drop: Play, capsys: Any) -> None:
    know(northwind, active_users_change_30d=-0.4)
    assert "the next pass" in why(capsys, "northwind-traders", "usage_drop")


def test_machines_read_the_same(
    client: Client, ingest_key: str, northwind: Account, usage_drop: Play, pump: Any, capsys: Any
) -> None:
    send(client, ingest_key, usage())
    pump()
    told = json.loads(why(capsys, "northwind-traders", "usage_drop", "--json"))
    assert (told["account"], told["play"], told["is_active"]) == ("northwind-traders", "usage_drop", True)
    [decision] = told["decisions"]
    assert decision["outcome"] == "fired"
    [clause] = decision["clauses"]
    assert clause["observed"] == pytest.approx(-0.8333, abs=1e-4)
    assert told["now"]["truth"] is True


@pytest.mark.parametrize(
    ("args", "says"), [(["nobody", "usage_drop"], "nobody"), (["northwind-traders", "x"], "usage_drop")]
)
def test_an_unknown_name_is_refused(northwind: Account, args: list[str], says: str, capsys: Any) -> None:
    with pytest.raises(SystemExit) as ended:
        why(capsys, *args)
    assert ended.value.code == 2
    assert says in capsys.readouterr().err
