"""Reasons: what was observed, which comparisons decided, and how they read."""

import json

import pytest

from retention.conditions.check import parse
from retention.conditions.evaluate import Clause, describe, explain
from retention.conditions.language import FactType

from .catalogue import CATALOGUE, MOMENT, NOW, leaf

FEW_SEATS, LOW_SCORE, TRIAL = leaf("seats", "lessThan", 5), leaf("score", "lessThan", 1), leaf("trial", "equal", True)
FACTS = {"seats": 3, "score": 7}


def reasons(source, facts=FACTS):
    return explain(parse(source, CATALOGUE), facts, MOMENT)


def deciding(source, facts=FACTS):
    return [clause.fact for clause in reasons(source, facts).decisive]


def test_shows_what_was_observed():
    assert reasons(FEW_SEATS).clauses == [Clause("seats", "lessThan", 5, 3, True, FactType.INTEGER)]


def test_shows_every_comparison_even_after_the_verdict_is_settled():
    clauses = reasons({"any": [FEW_SEATS, {"not": LOW_SCORE}, TRIAL]}).clauses
    assert [(clause.fact, clause.truth) for clause in clauses] == [("seats", True), ("score", False), ("trial", None)]


@pytest.mark.parametrize(
    ("source", "facts"),
    [
        ({"any": [FEW_SEATS, LOW_SCORE, TRIAL]}, ["seats"]),
        ({"all": [FEW_SEATS, LOW_SCORE, TRIAL]}, ["score"]),
        ({"all": [FEW_SEATS, TRIAL]}, ["trial"]),
        ({"all": [FEW_SEATS, {"not": LOW_SCORE}]}, ["seats", "score"]),
        ({"any": [LOW_SCORE, {"not": FEW_SEATS}]}, ["score", "seats"]),
        ({"not": {"all": [FEW_SEATS, LOW_SCORE]}}, ["score"]),
    ],
)
def test_names_the_comparisons_that_decided(source, facts):
    assert deciding(source) == facts


def test_becomes_json():
    source = {"not": {"all": [leaf("seen_at", "withinLast", {"days": 7}), leaf("renewal_date", "in", ["2026-01-31"])]}}
    tree = reasons(source, {"seen_at": NOW, "renewal_date": NOW.date()}).as_json()
    assert json.loads(json.dumps(tree)) == {
        "node": "not",
        "truth": False,
        "children": [
            {
                "node": "all",
                "truth": True,
                "children": [
                    {
                        "node": "leaf",
                        "fact": "seen_at",
                        "operator": "withinLast",
                        "value": {"days": 7},
                        "observed": "2026-01-31T09:00:00+00:00",
                        "truth": True,
                    },
                    {
                        "node": "leaf",
                        "fact": "renewal_date",
                        "operator": "in",
                        "value": ["2026-01-31"],
                        "observed": "2026-01-31",
                        "truth": True,
                    },
                ],
            }
        ],
    }


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (leaf("usage_change", "lessThan", -0.3), "Usage, change 30 days is below −30 %"),
        (leaf("seats", "greaterThanInclusive", 5), "seats is at least 5"),
        (leaf("stage", "equal", "{adopted}"), "stage is “{adopted}”"),
        (leaf("stage", "in", ["a", "b", "c"]), "stage is one of “a”, “b” or “c”"),
        (leaf("stage", "notIn", []), "stage is none of nothing"),
        (leaf("trial", "notEqual", True), "trial is not true"),
        (leaf("tags", "doesNotContain", "vip"), "tags does not contain “vip”"),
        (leaf("arr", "isUnknown"), "arr is unknown"),
        (leaf("seen_at", "lessThan", "2026-01-31T10:00:00+01:00"), "seen_at is before 2026-01-31 09:00 UTC"),
        (leaf("renewal_date", "greaterThanInclusive", "2026-01-31"), "renewal_date is not before 2026-01-31"),
        (leaf("renewal_date", "withinNext", {"days": 1}), "renewal_date is within the next 1 day"),
        (leaf("seen_at", "moreThanAgo", {"days": 30}), "seen_at is at least 30 days ago"),
        (leaf("seen_at", "moreThanAgo", {"days": 0}), "seen_at has passed"),
        (leaf("seats", "equal", 5, heldFor={"days": 14}), "seats is 5, for at least 14 days"),
    ],
)
def test_reads_as_english(source, sentence):
    labels = {"usage_change": "Usage, change 30 days"}
    assert describe(parse(source, CATALOGUE), labels) == sentence


def test_a_clause_reads_as_its_comparison_does():
    [clause] = reasons(leaf("usage_change", "lessThan", -0.3)).clauses
    assert describe(clause, {}) == "usage_change is below −30 %"


def test_leaves_values_to_the_readers_formatter():
    written = describe(parse(leaf("arr", "in", [1, 2]), CATALOGUE), {}, lambda fact, value: f"<{fact} {value}>")
    assert written == "arr is one of <arr 1> or <arr 2>"
