"""Rings of day bits say what a set of days says, as far back as they reach."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from accounts.ingestion import ring

DAYS = st.integers(min_value=18_000, max_value=18_500)


def ring_of(days: list[int]) -> ring.Ring:
    found = ring.started(days[0])
    for day in days[1:]:
        found = ring.marked(found, day)
    return found


@given(st.lists(DAYS, min_size=1, max_size=60), DAYS, DAYS)
def test_counts_as_a_set_of_days_does(days: list[int], first: int, last: int) -> None:
    reach = {day for day in days if day > max(days) - ring.DAYS}
    counted = ring.days_between(ring_of(days), first, last)
    assert counted == len([day for day in reach if first <= day <= last])


@given(st.lists(DAYS, min_size=1, max_size=30), st.randoms())
def test_the_order_in_which_days_come_does_not_matter(days: list[int], random: object) -> None:
    mixed = list(days)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert ring_of(mixed) == ring_of(days)


@given(st.lists(DAYS, min_size=1, max_size=60))
def test_survives_its_three_columns(days: list[int]) -> None:
    found = ring_of(days)
    words = ring.to_words(found.bits)
    assert ring.from_words(*words) == found.bits
    assert all(0 <= word < 2**63 for word in words)


def test_days_are_counted_from_1970() -> None:
    assert ring.day_number(dt.date(1970, 1, 2)) == 1


def test_a_day_that_fell_out_changes_nothing() -> None:
    found = ring.started(1000)
    assert ring.marked(found, 1000 - ring.DAYS) == found
    assert ring.marked(found, 1001 - ring.DAYS) != found
