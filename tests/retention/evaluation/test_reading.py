"""Stored clauses as people read them."""

import json
import time
from typing import Any

import pytest

from accounts.workspace.models import Workspace
from accounts.workspace.queries import forget_base_currency
from retention.conditions.check import parse, problems
from retention.conditions.comparing import Moment
from retention.conditions.evaluate import explain
from retention.evaluation.reading import in_words, read, sentence
from retention.evaluation.rules import catalogue
from tests.factories.accounts import CustomFactFactory
from tests.retention.evaluation.facts import AT


def stored(fact: str, operator: str, value: Any, observed: Any) -> dict[str, Any]:
    """A clause as the pass stores it, through JSON and back."""
    leaf = {"fact": fact, "operator": operator} | ({} if value is None else {"value": value})
    moment = Moment(as_of=AT, today=AT.date())
    [clause] = explain(parse(leaf, catalogue()), {fact: observed}, moment).clauses
    return json.loads(json.dumps(clause.as_json()))


@pytest.mark.parametrize(
    ("fact", "operator", "value", "observed", "expected"),
    [
        (
            "active_users_change_30d",
            "lessThan",
            -0.3,
            -0.8333,
            "Change in active users −83 % (is below −30 %)",
        ),
        ("active_users_30d", "greaterThanInclusive", 1000, 1250, "Active users 1,250 (is at least 1,000)"),
        ("active_users_30d", "isKnown", None, None, "Active users unknown (is known)"),
        ("arr", "greaterThan", 50_000, 48_000, "ARR $48,000 (is above $50,000)"),
        ("arr", "greaterThan", 99.5, 100.25, "ARR $100.25 (is above $99.50)"),
        (
            "contract_end_date",
            "withinNext",
            {"days": 120},
            AT.date(),
            "Contract end 15 Jun 2026 (is within the next 120 days)",
        ),
        ("contract_end_date", "lessThan", "2026-07-01", AT.date(), "Contract end 15 Jun 2026 (is before 1 Jul 2026)"),
        ("last_active_at", "greaterThan", "2026-07-01T00:00:00Z", AT, "Last active 15 Jun 2026 (is after 1 Jul 2026)"),
        ("stage", "equal", "closed_won", "adopted", "Lifecycle stage Adopted (is Closed won)"),
        (
            "stage",
            "in",
            ["closed_won", "adopted"],
            "adopted",
            "Lifecycle stage Adopted (is one of Closed won or Adopted)",
        ),
    ],
)
def test_a_clause_is_a_phrase_with_the_value_that_was_seen(
    db: Any, fact: str, operator: str, value: Any, observed: Any, expected: str
) -> None:
    assert sentence([stored(fact, operator, value, observed)]) == expected


def test_a_reading_keeps_rule_observation_and_truth_apart(db: Any) -> None:
    [reading] = read([stored("active_users_change_30d", "lessThan", -0.3, -0.8333)])
    assert (reading.fact, reading.label) == ("active_users_change_30d", "Change in active users")
    assert (reading.rule, reading.observed) == ("Change in active users is below −30 %", "−83 %")
    assert reading.truth is True


def test_several_clauses_are_joined(db: Any) -> None:
    clauses = [stored("active_users_30d", "lessThan", 3, 2), stored("arr", "greaterThan", 1, 2)]
    assert sentence(clauses) == "Active users 2 (is below 3) and ARR $2 (is above $1)"


def test_money_is_in_the_currency_of_the_workspace(starter: Workspace) -> None:
    Workspace.objects.update(base_currency="JPY")
    forget_base_currency()
    try:
        assert sentence([stored("arr", "greaterThan", 99.5, 48_000)]) == "ARR ¥48,000 (is above ¥100)"
    finally:
        forget_base_currency()


def test_a_fact_that_is_gone_can_still_be_read(db: Any) -> None:
    clause = {"fact": "old_fact", "operator": "equal", "value": ["a"], "observed": {"b": 1}, "truth": False}
    assert sentence([clause]) == "old_fact {'b': 1} (is a)"


CUSTOM = {"fact": "crates_bought", "operator": "greaterThan", "value": 3}


def test_a_rule_reads_in_words_though_another_process_just_defined_its_fact(db: Any) -> None:
    known = catalogue()  # remembered from now on
    CustomFactFactory(key="crates_bought", label="Crates bought")
    assert "crates_bought" not in known
    assert in_words(CUSTOM) == "Crates bought is above 3"


def test_a_form_accepts_a_fact_that_another_process_defined_seconds_ago(
    db: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = catalogue()
    CustomFactFactory(key="crates_bought")
    CustomFactFactory(key="never_read", use="never used")
    seconds = time.monotonic() + 2
    monkeypatch.setattr("accounts.facts.lookup.time.monotonic", lambda: seconds)
    assert problems(CUSTOM, known) == []
    assert problems(CUSTOM | {"fact": "never_read"}, known)


def test_a_rule_whose_fact_is_gone_still_reads_in_words(db: Any) -> None:
    gone = CUSTOM | {"fact": "crates_sold"}
    assert in_words(gone) == "crates_sold is above 3"
