"""`manage.py evaluate` and `manage.py conditions match`: verdicts from the command line."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.events.models import DirtyAccount
from accounts.foundation.clock import now
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account
from plays.runs.models import Run
from retention.evaluation.models import Edge, Standing
from tests.retention.evaluation.facts import AT, DAY, know

STAGE_EDGES = [("stage:go_to_market:closed_won", "entered")]


@pytest.fixture
def account(starter: Any) -> Account:
    return portfolio.create(name="Northwind Traders", by=None, at=AT)


def stage_edges() -> list[tuple[str, str]]:
    """Which rules of the sales lifecycle turned, and how."""
    edges = Edge.objects.filter(watch__key__startswith="stage:go_to_market:").order_by("watch__key")
    return list(edges.values_list("watch__key", "direction"))


def test_by_default_the_accounts_that_changed_are_evaluated(account: Account, capsys: Any) -> None:
    know(account, closed_won_at=AT)
    call_command("evaluate")
    assert capsys.readouterr().out == f"2 marks evaluated, {Edge.objects.count()} edges written\n"
    assert stage_edges() == STAGE_EDGES
    call_command("evaluate")
    assert capsys.readouterr().out == "0 marks evaluated, 0 edges written\n"


def test_full_evaluates_those_that_nobody_marked(account: Account, capsys: Any) -> None:
    know(account, closed_won_at=AT)
    DirtyAccount.objects.all().delete()
    call_command("evaluate")
    assert not Edge.objects.exists()
    capsys.readouterr()
    call_command("evaluate", "--full")
    assert capsys.readouterr().out == f"1 account and 1 mark evaluated, {Edge.objects.count()} edges written\n"
    assert stage_edges() == STAGE_EDGES


def test_as_of_says_what_would_differ_and_writes_nothing(account: Account, capsys: Any) -> None:
    ends = (now() + 130 * DAY).date()
    know(account, closed_won_at=AT, decision_date=ends, contract_end_date=ends)
    call_command("evaluate")
    capsys.readouterr()
    before = list(Standing.objects.values_list()), Edge.objects.count(), Run.objects.count()
    call_command("evaluate", "--as-of", now().isoformat())
    assert capsys.readouterr().out.endswith("0 accounts would differ at " + f"{now():%Y-%m-%d %H:%M} UTC\n")
    at = now() + 11 * DAY
    call_command("evaluate", "--as-of", at.date().isoformat())
    line, summary = capsys.readouterr().out.splitlines()
    assert line.startswith("northwind-traders: stage:go_to_market:renewal entered, Decision")
    assert summary.startswith("1 account would differ")
    assert (list(Standing.objects.values_list()), Edge.objects.count(), Run.objects.count()) == before


def test_a_moment_that_is_none_is_refused(db: Any, capsys: Any) -> None:
    with pytest.raises(SystemExit) as ended:
        call_command("evaluate", "--as-of", "yesterday")
    assert ended.value.code == 2
    assert "--as-of yesterday" in capsys.readouterr().err
    with pytest.raises(CommandError):
        call_command("evaluate", "--full", "--as-of", "2026-01-01")


@pytest.fixture
def condition(tmp_path: Path) -> Any:
    def write(source: Any) -> str:
        path = tmp_path / "condition.json"
        path.write_text(source if isinstance(source, str) else json.dumps(source))
        return str(path)

    return write


def test_match_names_the_accounts_for_which_a_condition_is_true(account: Account, condition: Any, capsys: Any) -> None:
    for name, users in (("Contoso", 2), ("Fabrikam", None), ("Adatum", 1), ("Tailspin", 5), ("Archived", 1)):
        know(portfolio.create(name=name, by=None, at=AT), active_users_30d=users)
    Account.objects.filter(name="Archived").update(archived_at=AT)
    call_command("conditions", "match", condition({"fact": "active_users_30d", "operator": "lessThan", "value": 3}))
    assert capsys.readouterr().out.splitlines() == ["contoso", "adatum"]
    call_command("conditions", "match", condition({"fact": "active_users_30d", "operator": "isUnknown"}))
    assert capsys.readouterr().out.splitlines() == ["fabrikam"]


@pytest.mark.parametrize("source", ["{", {"fact": "no_such_fact", "operator": "isKnown"}, {"all": []}])
def test_what_is_no_condition_is_refused(db: Any, condition: Any, source: Any, capsys: Any) -> None:
    with pytest.raises(SystemExit) as ended:
        call_command("conditions", "match", condition(source))
    assert ended.value.code == 2
    assert capsys.readouterr().err


def test_a_file_that_is_missing_is_named(db: Any, capsys: Any) -> None:
    with pytest.raises(SystemExit) as ended:
        call_command("conditions", "match", "no-such-file")
    assert ended.value.code == 2
    assert "no-such-file" in capsys.readouterr().err
