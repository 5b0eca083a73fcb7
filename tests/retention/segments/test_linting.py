"""Gaps, overlaps and segments that nobody can be in: what the linter says is what counting everything says."""

import datetime as dt
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retention.conditions.check import parse
from retention.conditions.comparing import Moment
from retention.conditions.evaluate import compile_closure
from retention.evaluation.rules import catalogue
from retention.segments.examples import extent, in_words, told
from retention.segments.linting import Findings, Kind, lint, winner
from retention.segments.space import axes
from tests.retention.segments.book import AT, at_least, below, equal

pytestmark = pytest.mark.django_db
HERE = Moment(AT, AT.date())
UNKNOWN = {"fact": "employees", "operator": "isUnknown"}


def look(*conditions: Any, **closed: list[str]) -> Findings:
    return lint([None if one is None else parse(one, catalogue()) for one in conditions], HERE, closed=closed)


def kinds(found: Findings) -> list[tuple[Kind, tuple[int, ...]]]:
    return [(one.kind, one.places) for one in found.found]


def sentences(found: Findings) -> list[str]:
    names = ["First", "Second", "Third"]
    return [told(one, names, HERE, is_proven=found.is_proven) for one in found.found]


def test_segments_that_take_everybody_are_proven(db: None) -> None:
    found = look(at_least("employees", 500), at_least("employees", 2), below("employees", 2), None)
    assert found.found == []
    assert found.is_proven
    assert extent(found) == "Proven over all 4 combinations of what the conditions tell apart."


def test_a_gap_is_told_with_an_account_that_falls_into_it(db: None) -> None:
    found = look(at_least("employees", 500), {"all": [at_least("employees", 2), below("employees", 500)]}, None)
    assert kinds(found) == [(Kind.GAP, ())]
    assert sentences(found) == [
        "An account with Employees 0 belongs nowhere. Widen a segment, or add one for such accounts."
    ]


def test_between_whole_numbers_there_is_nothing(db: None) -> None:
    assert (
        look(at_least("employees", 50), {"fact": "employees", "operator": "lessThanInclusive", "value": 49}, None).found
        == []
    )
    money = look(at_least("arr", 50), {"fact": "arr", "operator": "lessThanInclusive", "value": 49}, None)
    assert kinds(money) == [(Kind.GAP, ())]
    assert "ARR $49.5" in sentences(money)[0]


def test_who_cannot_be_told_needs_a_last_segment(db: None) -> None:
    found = look(at_least("employees", 50), below("employees", 50))
    assert kinds(found) == [(Kind.NOWHERE, ())]
    assert look(at_least("employees", 50), below("employees", 50), UNKNOWN).found, "the first can never be answered"
    assert look(UNKNOWN, at_least("employees", 50), below("employees", 50)).found == []


def test_a_segment_that_nobody_can_be_in(db: None) -> None:
    found = look(at_least("employees", 2), at_least("employees", 500), below("employees", 2), None)
    assert kinds(found) == [(Kind.UNREACHABLE, (1,))]
    assert sentences(found)[0].startswith("No account can ever be in “Second”")


def test_an_overlap_is_told_where_neither_is_a_part_of_the_other(db: None) -> None:
    found = look(at_least("employees", 500), at_least("arr", 1000), None)
    assert (Kind.OVERLAP, (0, 1)) in kinds(found)
    cascade = look(at_least("employees", 500), at_least("employees", 50), below("employees", 50), None)
    assert cascade.found == []


def test_windows_are_looked_at_on_both_sides(db: None) -> None:
    new = {"fact": "closed_won_at", "operator": "withinLast", "value": {"days": 30}}
    old = {"fact": "closed_won_at", "operator": "moreThanAgo", "value": {"days": 31}}
    found = look(new, old, None)
    assert kinds(found) == [(Kind.GAP, ())]
    assert "Closed won almost 31 days ago" in sentences(found)[0]
    later = {"fact": "closed_won_at", "operator": "moreThanAhead", "value": {"days": 0}}
    assert look(new, {**old, "value": {"days": 30}}, later, None).found == []


def test_a_choice_has_only_the_values_that_it_can_have(db: None) -> None:
    two = [equal("use_case", "operations"), equal("use_case", "other")]
    assert kinds(look(*two, None)) == [(Kind.GAP, ())]
    assert look(*two, None, use_case=["operations", "other"]).found == []


def test_a_space_that_is_too_large_is_not_proven(db: None) -> None:
    thresholds = ["employees", "arr", "seats_bought", "features_used_30d", "tickets_open", "nps_latest"]
    many = [{"any": [at_least(fact, value) for fact in thresholds]} for value in range(10, 2, -1)]
    found = look(*many, None)
    assert not found.is_proven
    assert found.cells > 200_000
    assert "Not proven" in extent(found)


NUMBERS = st.builds(
    lambda fact, operator, value: {"fact": fact, "operator": operator, "value": value},
    st.sampled_from(["employees", "seats_bought"]),
    st.sampled_from(["lessThan", "lessThanInclusive", "greaterThan", "greaterThanInclusive", "equal", "notEqual"]),
    st.integers(0, 6),
)
TEXTS = st.builds(
    lambda operator, values: {"fact": "region", "operator": operator, "value": values},
    st.sampled_from(["in", "notIn"]),
    st.lists(st.sampled_from(["Europe", "Asia"]), max_size=2, unique=True),
)
KNOWN = st.builds(
    lambda fact, operator: {"fact": fact, "operator": operator},
    st.sampled_from(["employees", "seats_bought", "region"]),
    st.sampled_from(["isKnown", "isUnknown"]),
)
LEAVES = NUMBERS | TEXTS | KNOWN
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: (
        st.builds(
            lambda name, nodes: {name: nodes}, st.sampled_from(["all", "any"]), st.lists(inner, min_size=1, max_size=2)
        )
        | st.builds(lambda node: {"not": node}, inner)
    ),
    max_leaves=4,
)
GRID = list(product([None, *range(9)], [None, *range(9)], [None, "Europe", "Asia", "Africa"]))


@settings(max_examples=60)
@given(st.lists(CONDITIONS, min_size=1, max_size=3), st.booleans())
def test_it_finds_what_counting_everything_finds(conditions: list[Any], has_rest: bool) -> None:
    found = look(*conditions, *([None] if has_rest else []))
    answers = [compile_closure(parse(one, catalogue())) for one in conditions]
    cells = [dict(zip(("employees", "seats_bought", "region"), values, strict=True)) for values in GRID]
    verdicts = [[answer(cell, HERE) for answer in answers] for cell in cells]
    reached = {winner(one) for one in verdicts}
    gap = any(all(verdict is False for verdict in one) for one in verdicts)
    undecided = any(winner(one) is None and None in one for one in verdicts)
    kinds_found = {one.kind for one in found.found}
    assert found.is_proven
    assert (Kind.GAP in kinds_found) == gap
    assert (Kind.NOWHERE in kinds_found) == (undecided and not has_rest)
    lost = {one.places[0] for one in found.found if one.kind is Kind.UNREACHABLE}
    assert lost == set(range(len(conditions))) - reached
    for one in found.found:
        if one.kind is Kind.GAP:
            assert all(answer(one.example, HERE) is False for answer in answers), "the example is one"


def test_classes_are_no_more_than_the_comparisons_tell_apart(db: None) -> None:
    [axis] = axes([parse(at_least("employees", 50), catalogue())], HERE, closed={})
    assert axis.values == (50, 0, None)


def test_an_example_says_how_far_off_a_moment_is(db: None) -> None:
    minute = dt.timedelta(minutes=1)
    day = dt.timedelta(days=1)
    told_as = {
        AT - 30 * day: "30 days ago",
        AT - 30 * day + minute: "almost 30 days ago",
        AT - 30 * day - minute: "just over 30 days ago",
        AT + day: "in 1 day",
        AT: "today",
    }
    for value, words in told_as.items():
        assert in_words({"closed_won_at": value}, HERE) == f"Closed won {words}"
