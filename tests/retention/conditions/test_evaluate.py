"""What each operator answers, and that unknown is neither true nor false."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from accounts.foundation.truth import all_of, any_of, negate
from retention.conditions.check import parse
from retention.conditions.evaluate import Moment, compile_closure, facts_read, to_json

from .catalogue import CATALOGUE, MOMENT, NOW, leaf

DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)


def verdict(source, facts, moment=MOMENT):
    return compile_closure(parse(source, CATALOGUE))(facts, moment)


@pytest.mark.parametrize(
    ("operator", "below", "same", "above"),
    [
        ("lessThan", True, False, False),
        ("lessThanInclusive", True, True, False),
        ("greaterThan", False, False, True),
        ("greaterThanInclusive", False, True, True),
        ("equal", False, True, False),
        ("notEqual", True, False, True),
    ],
)
def test_compares_numbers_instants_and_dates(operator, below, same, above):
    cases = {
        "score": (10, [9.5, 10.0, 11]),
        "arr": (99.1, [Decimal("99"), Decimal("99.1"), Decimal("99.2")]),
        "seen_at": ("2026-01-31T10:00:00+01:00", [NOW - TICK, NOW, NOW + TICK]),
        "renewal_date": ("2026-01-31", [NOW.date() - DAY, NOW.date(), NOW.date() + DAY]),
    }
    for fact, (value, observed) in cases.items():
        given = [verdict(leaf(fact, operator, value), {fact: one}) for one in observed]
        assert given == [below, same, above], fact


def test_compares_text_by_code_point():
    assert verdict(leaf("stage", "equal", "é"), {"stage": "é"}) is True
    assert verdict(leaf("stage", "equal", "é"), {"stage": "e\u0301"}) is False
    assert verdict(leaf("stage", "in", ["EMEA"]), {"stage": "emea"}) is False
    assert verdict(leaf("stage", "equal", ""), {"stage": ""}) is True


def test_looks_for_whole_elements_in_lists():
    tags = {"tags": ["vip", "5"], "seat_steps": [5, True]}
    assert verdict(leaf("tags", "contains", "vip"), tags) is True
    assert verdict(leaf("tags", "contains", "vi"), tags) is False
    assert verdict(leaf("tags", "doesNotContain", "vi"), tags) is True
    assert verdict(leaf("seat_steps", "contains", 5.0), tags) is True
    assert verdict(leaf("seat_steps", "contains", 1), tags) is False
    assert verdict(leaf("tags", "contains", "vip"), {"tags": []}) is False


def test_nothing_is_in_an_empty_list():
    assert verdict(leaf("seats", "in", []), {"seats": 5}) is False
    assert verdict(leaf("seats", "notIn", []), {"seats": 5}) is True
    assert verdict(leaf("seats", "notIn", []), {}) is None


@pytest.mark.parametrize(
    ("offset", "operator"),
    [
        (-30 * DAY, "moreThanAgo"),
        (-30 * DAY + TICK, "withinLast"),
        (0 * DAY, "withinLast"),
        (TICK, "withinNext"),
        (30 * DAY, "withinNext"),
        (30 * DAY + TICK, "moreThanAhead"),
    ],
)
def test_every_instant_falls_into_exactly_one_window(offset, operator):
    windows = ["moreThanAgo", "withinLast", "withinNext", "moreThanAhead"]
    holding = [name for name in windows if verdict(leaf("seen_at", name, {"days": 30}), {"seen_at": NOW + offset})]
    assert holding == [operator]


@pytest.mark.parametrize(
    ("days", "operator"),
    [
        (-7, "moreThanAgo"),
        (-6, "withinLast"),
        (0, "withinLast"),
        (1, "withinNext"),
        (7, "withinNext"),
        (8, "moreThanAhead"),
    ],
)
def test_date_windows_count_from_the_workspaces_today(days, operator):
    moment = Moment(as_of=NOW, today=date(2026, 2, 1))
    facts = {"renewal_date": moment.today + days * DAY}
    windows = ["moreThanAgo", "withinLast", "withinNext", "moreThanAhead"]
    assert [name for name in windows if verdict(leaf("renewal_date", name, {"days": 7}), facts, moment)] == [operator]


def test_windows_reach_beyond_the_calendar():
    first = Moment(datetime(1, 1, 1, tzinfo=UTC), date(1, 1, 1))
    assert verdict(leaf("seen_at", "withinLast", {"days": 36500}), {"seen_at": first.as_of}, first) is True
    assert verdict(leaf("renewal_date", "moreThanAgo", {"days": 36500}), {"renewal_date": first.today}, first) is False


def test_instants_of_other_zones_compare_as_instants():
    elsewhere = NOW.astimezone(timezone(timedelta(hours=9)))
    assert verdict(leaf("seen_at", "equal", "2026-01-31T09:00:00Z"), {"seen_at": elsewhere}) is True
    assert verdict(leaf("seen_at", "withinLast", {"days": 1}), {"seen_at": elsewhere}) is True


@pytest.mark.parametrize("facts", [{}, {"seats": None}, {"seats": "5"}, {"seats": True}, {"seats": [5]}])
@pytest.mark.parametrize("operator", ["equal", "notEqual", "lessThan", "greaterThanInclusive"])
def test_comparing_the_unknown_or_the_incomparable_is_unknown(operator, facts):
    assert verdict(leaf("seats", operator, 5), facts) is None
    assert verdict({"not": leaf("seats", operator, 5)}, facts) is None


@pytest.mark.parametrize("source", [
    leaf("seats", "in", [5]), leaf("seats", "notIn", [5]), leaf("score", "lessThan", 1), leaf("tags", "contains", "a"),
    leaf("tags", "doesNotContain", "a"), leaf("seen_at", "withinLast", {"days": 1}), leaf("trial", "notEqual", True),
    leaf("renewal_date", "moreThanAhead", {"days": 1}),
])  # fmt: skip
def test_no_comparison_takes_a_value_of_another_type(source):
    for stranger in (None, float("nan"), {}, "x" if source["fact"] != "stage" else 1):
        assert verdict(source, {source["fact"]: stranger}) is None


def test_a_date_is_no_instant_and_an_instant_no_date():
    assert verdict(leaf("seen_at", "withinLast", {"days": 1}), {"seen_at": NOW.date()}) is None
    assert verdict(leaf("renewal_date", "withinLast", {"days": 1}), {"renewal_date": NOW}) is None


def test_knowledge_is_never_unknown():
    assert [verdict(leaf("seats", "isKnown"), facts) for facts in ({}, {"seats": None}, {"seats": 0})] == [
        False,
        False,
        True,
    ]
    assert [verdict(leaf("seats", "isUnknown"), facts) for facts in ({}, {"seats": 0})] == [True, False]


def test_a_number_that_is_none_is_not_known():
    assert verdict(leaf("score", "isKnown"), {"score": float("nan")}) is False
    assert verdict(leaf("score", "isUnknown"), {"score": float("nan")}) is True


def test_unknown_matters_only_where_it_could_change_the_verdict():
    unknown, yes, no = leaf("score", "equal", 1), leaf("seats", "equal", 5), leaf("seats", "equal", 6)
    facts = {"seats": 5}
    assert verdict({"all": [unknown, no]}, facts) is False
    assert verdict({"all": [unknown, yes]}, facts) is None
    assert verdict({"any": [unknown, yes]}, facts) is True
    assert verdict({"any": [unknown, no]}, facts) is None


def test_truth_of_nothing():
    assert all_of([]) is True
    assert any_of([]) is False
    assert [negate(truth) for truth in (True, False, None)] == [False, True, None]


def test_reads_and_writes_back_what_was_written():
    window = leaf("renewal_date", "withinNext", {"days": 90})
    instant = leaf("seen_at", "lessThan", "2026-01-31T10:00:00+01:00")
    source = {"all": [instant, {"not": leaf("stage", "in", ["a", "b"])}, {"any": [window, leaf("seats", "isKnown")]}]}
    condition = parse(source, CATALOGUE)
    assert to_json(condition) == source
    assert facts_read(condition) == {"seen_at", "stage", "renewal_date", "seats"}


def test_refuses_a_moment_without_a_zone():
    with pytest.raises(ValueError, match="aware"):
        Moment(datetime(2026, 1, 31), date(2026, 1, 31))
