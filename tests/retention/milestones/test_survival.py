"""The median of times that are not all over yet."""

from collections import Counter
from math import inf
from statistics import median_low

from hypothesis import given
from hypothesis import strategies as st

from retention.milestones.survival import median

DAYS = st.integers(0, 400)


def test_of_a_textbook_sample():
    """Six patients of a textbook: 1, 2, 4 came; 3+, 5+ and 6+ were still looked at. S(4) = 4/6 x 2/3 = 0.444."""
    times = Counter({(1, True): 1, (2, True): 1, (3, False): 1, (4, True): 1, (5, False): 1, (6, False): 1})
    assert median(times) == 4


def test_is_unknown_while_fewer_than_half_are_known_to_have_it():
    assert median(Counter({(10, True): 2, (30, False): 5})) is None
    assert median(Counter()) is None


def test_who_left_never_has_it():
    stayed = Counter({(10, True): 2, (5, False): 2})
    left = Counter({(10, True): 2, (inf, False): 3})
    assert (median(stayed), median(left)) == (10, None)


@given(st.lists(DAYS, min_size=1))
def test_where_everybody_has_it_it_is_the_plain_median(days):
    assert median(Counter((day, True) for day in days)) == median_low(days)


@given(st.lists(st.tuples(DAYS, st.booleans()), min_size=1), DAYS)
def test_is_never_sooner_than_with_the_open_ones_left_out(times, day):
    """Leaving out who is not done yet flatters: it can only make the figure smaller."""
    counted = Counter(times)
    done = Counter({key: count for key, count in counted.items() if key[1]})
    whole, flattered = median(counted), median(done)
    assert whole is None or (flattered is not None and flattered <= whole)
