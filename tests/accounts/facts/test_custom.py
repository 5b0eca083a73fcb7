"""Custom facts in JSON: what is written comes back, and what is malformed is unknown."""

import json
from datetime import UTC, date, datetime

import pytest

from accounts.facts.catalogue import Type
from accounts.facts.custom import kept, read

NOW = datetime(2026, 1, 31, 9, tzinfo=UTC)

VALUES = [
    (Type.NUMBER, 10**15),
    (Type.NUMBER, 0.1),
    (Type.NUMBER, -1e15),
    (Type.RATIO, -0.3),
    (Type.MONEY, 99.1),
    (Type.TEXT, "Žilina"),
    (Type.BOOLEAN, False),
    (Type.INSTANT, NOW),
    (Type.INSTANT, datetime(1, 1, 1, tzinfo=UTC)),
    (Type.INSTANT, datetime(9999, 12, 31, 23, 59, 59, 999_999, UTC)),
    (Type.DATE, date(1, 1, 1)),
    (Type.DATE, date(9999, 12, 31)),
    (Type.TEXT_LIST, ["vip", ""]),
    (Type.NUMBER_LIST, [1, 2.5]),
]


@pytest.mark.parametrize(("kind", "value"), VALUES)
def test_comes_back_as_it_was(kind, value):
    stored = json.loads(json.dumps(kept(value, kind)))
    assert read(stored, kind) == value


def test_time_is_kept_as_whole_numbers():
    assert kept(datetime(1970, 1, 1, 0, 0, 1, 5, UTC), Type.INSTANT) == 1_000_005
    assert kept(date(1970, 1, 31), Type.DATE) == 30


@pytest.mark.parametrize(
    ("kind", "stored"),
    [
        (Type.NUMBER, True),
        (Type.NUMBER, "5"),
        (Type.NUMBER, float("inf")),
        (Type.NUMBER, 10**400),
        (Type.NUMBER, 1e300),
        (Type.TEXT, 5),
        (Type.BOOLEAN, 1),
        (Type.INSTANT, 0.5),
        (Type.INSTANT, 253_402_300_800_000_000),
        (Type.INSTANT, "2026-01-31T09:00:00Z"),
        (Type.INSTANT, True),
        (Type.DATE, float("inf")),
        (Type.DATE, -719_163),
        (Type.TEXT_LIST, "vip"),
        (Type.NUMBER_LIST, {"a": 1}),
        (Type.TEXT_LIST, None),
    ],
)
def test_what_is_malformed_is_unknown(kind, stored):
    assert read(stored, kind) is None


def test_other_elements_of_a_list_stay():
    assert read([1, "1", None, [1]], Type.NUMBER_LIST) == [1, "1", None, [1]]


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        (Type.NUMBER, 10**15 + 1, "expected a number"),
        (Type.NUMBER, float("nan"), "expected a number"),
        (Type.NUMBER, 1e16, "expected a number"),
        (Type.NUMBER, True, "expected a number"),
        (Type.TEXT, "a\0", "NUL"),
        (Type.TEXT, "\ud800", "surrogate"),
        (Type.TEXT, "x" * 1001, "1000 characters"),
        (Type.BOOLEAN, 1, "true or false"),
        (Type.INSTANT, datetime(2026, 1, 31), "with its offset"),
        (Type.DATE, NOW, "expected a date"),
        (Type.TEXT_LIST, ["vip", 5], "expected text"),
        (Type.NUMBER_LIST, [1] * 1001, "1000 elements"),
        (Type.NUMBER_LIST, "1", "expected a list"),
    ],
)
def test_refuses_what_does_not_fit_and_says_what_does(kind, value, words):
    with pytest.raises(ValueError, match=words):
        kept(value, kind)
