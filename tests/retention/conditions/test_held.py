"""What must have been true for some days: when it is, what is known of it, and how it is shown."""

from datetime import timedelta

import pytest

from retention.conditions.check import parse
from retention.conditions.evaluate import compile_closure, explain
from retention.conditions.language import All, Any_, FactType, Held, Leaf, Not, Window, facts_read, hold_key, holds
from retention.conditions.wording import describe

from .catalogue import CATALOGUE, MOMENT, NOW, leaf

DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
FEW = Leaf("seats", "lessThan", 5, FactType.INTEGER)
LOW = Leaf("score", "lessThan", 1, FactType.NUMBER)
QUIET = Held(FEW, 14)
BOTH = Held(All((FEW, LOW)), 14)
LONG_AGO, JUST_ENOUGH, TOO_SHORT = NOW - 90 * DAY, NOW - 14 * DAY, NOW - 14 * DAY + TICK


def since(held, instant, **facts):
    return {hold_key(held.node): instant, **facts}


@pytest.mark.parametrize(
    ("known_since", "seats", "expected"),
    [
        (LONG_AGO, 3, True),
        (JUST_ENOUGH, 3, True),
        (TOO_SHORT, 3, False),
        (None, 3, False),
        (LONG_AGO, 7, False),
        (LONG_AGO, None, None),
        (TOO_SHORT, None, False),
        (None, None, False),
    ],
)
def test_is_true_when_it_has_been_known_true_for_long_enough(known_since, seats, expected):
    facts = since(QUIET, known_since, seats=seats)
    assert compile_closure(QUIET)(facts, MOMENT) is expected
    assert explain(QUIET, facts, MOMENT).truth is expected


def test_one_duration_may_stand_inside_another():
    nested = Held(All((QUIET, LOW)), 7)
    facts = since(QUIET, LONG_AGO, seats=3, score=0) | {hold_key(nested.node): NOW - 7 * DAY}
    assert compile_closure(nested)(facts, MOMENT) is True
    assert compile_closure(nested)(facts | {hold_key(FEW): TOO_SHORT}, MOMENT) is False
    assert list(holds(Not(nested))) == [nested, QUIET]


def test_reads_the_facts_inside():
    assert facts_read(BOTH) == {"seats", "score"}


def test_equal_conditions_share_a_key():
    assert hold_key(FEW) == hold_key(Leaf("seats", "lessThan", 5.0, FactType.INTEGER))
    window = Leaf("seen_at", "withinLast", Window(7), FactType.INSTANT)
    assert hold_key(window) == hold_key(Leaf("seen_at", "withinLast", Window(7.0), FactType.INSTANT))
    assert hold_key(FEW).startswith("held:")
    assert len(hold_key(FEW)) == len("held:") + 24


def test_different_conditions_have_different_keys():
    nodes = [
        FEW, LOW, QUIET, BOTH, Not(FEW), All((FEW,)), Any_((FEW,)), Held(FEW, 15), Held(Held(FEW, 14), 14),
        Leaf("seats", "lessThan", 5, FactType.NUMBER), Leaf("seats", "lessThan", 10**5000, FactType.NUMBER),
        Leaf("plan", "equal", "5", FactType.UNTYPED), Leaf("plan", "equal", 5, FactType.UNTYPED),
        Leaf("plan", "equal", True, FactType.UNTYPED), Leaf("plan", "equal", 1, FactType.UNTYPED),
        Leaf("plan", "isKnown", None, FactType.TEXT), Leaf("plan", "in", (), FactType.TEXT),
    ]  # fmt: skip
    assert len({hold_key(node) for node in nodes}) == len(nodes)


def test_shows_the_duration_with_the_comparison():
    [clause] = explain(QUIET, since(QUIET, TOO_SHORT, seats=3), MOMENT).clauses
    assert (clause.truth, clause.held_for_days, clause.since) == (False, 14, TOO_SHORT)
    assert describe(clause, {}) == describe(QUIET, {}) == "seats is below 5, for at least 14 days"
    assert clause.as_json() == {
        "fact": "seats",
        "operator": "lessThan",
        "value": 5,
        "observed": 3,
        "truth": False,
        "heldFor": {"days": 14},
        "since": TOO_SHORT.isoformat(),
    }
    assert explain(QUIET, {"seats": 3}, MOMENT).as_json()["since"] is None


def test_shows_the_duration_of_a_group_around_its_comparisons():
    explanation = explain(BOTH, since(BOTH, LONG_AGO, seats=3, score=0), MOMENT)
    assert (explanation.kind, explanation.truth, explanation.held_for_days) == ("held", True, 14)
    tree = explanation.as_json()
    assert (tree["node"], tree["heldFor"], tree["since"]) == ("held", {"days": 14}, LONG_AGO.isoformat())
    assert [child["node"] for child in tree["children"]] == ["all"]
    with pytest.raises(ValueError, match="only a comparison"):
        describe(BOTH, {})


@pytest.mark.parametrize(
    ("known_since", "score", "decisive"),
    [
        (LONG_AGO, 0, ["seats", "score"]),
        (TOO_SHORT, 0, ["seats", "score"]),
        (LONG_AGO, 7, ["score"]),
        (LONG_AGO, None, ["score"]),
        (TOO_SHORT, None, ["score"]),
    ],
)
def test_a_held_group_is_decided_by_what_decides_its_node(known_since, score, decisive):
    explanation = explain(BOTH, since(BOTH, known_since, seats=3, score=score), MOMENT)
    assert [clause.fact for clause in explanation.decisive] == decisive


def test_comes_from_json():
    held = parse({"any": [leaf("seats", "lessThan", 5, heldFor={"days": 14})]}, CATALOGUE)
    assert held == Any_((QUIET,))
