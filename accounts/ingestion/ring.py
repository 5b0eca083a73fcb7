"""Rings of day bits: which of the last 189 days something happened on, as a last day and three 63-bit words.

Bit k stands for the day k days before the last one. A late day is an OR; a newer one shifts the ring.
"""

import datetime as dt
from typing import NamedTuple

DAYS = 189
WORD = 63
_MASK = (1 << WORD) - 1
_FULL = (1 << DAYS) - 1
EPOCH = dt.date(1970, 1, 1)


class Ring(NamedTuple):
    """Days of activity: the newest as a day number, and one bit for each of the 189 days up to it."""

    last_day: int
    bits: int


def day_number(day: dt.date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days


def instant_of(day: int) -> dt.datetime:
    """The beginning of the day with this number, in UTC."""
    return dt.datetime.combine(EPOCH + dt.timedelta(days=day), dt.time(), dt.UTC)


def started(day: int) -> Ring:
    """A ring whose only day is `day`."""
    return Ring(day, 1)


def marked(ring: Ring, day: int) -> Ring:
    """`ring` with `day` added; a day that fell out of the ring changes nothing."""
    if day > ring.last_day:
        return Ring(day, ((ring.bits << min(day - ring.last_day, DAYS)) | 1) & _FULL)
    back = ring.last_day - day
    return ring if back >= DAYS else Ring(ring.last_day, ring.bits | (1 << back))


def holds(ring: Ring, day: int) -> bool:
    """Whether `day` is one of its days. One that fell out of it counts as held: nobody can tell any more."""
    back = ring.last_day - day
    return back >= DAYS or (back >= 0 and bool(ring.bits >> back & 1))


def days_between(ring: Ring, first: int, last: int) -> int:
    """On how many days from `first` to `last`, both included, there was activity."""
    newest, oldest = max(0, ring.last_day - last), ring.last_day - first
    if oldest < newest:
        return 0
    return ((ring.bits >> newest) & ((1 << (oldest - newest + 1)) - 1)).bit_count()


def united(one: Ring, other: Ring) -> Ring:
    """The days of either."""
    last = max(one.last_day, other.last_day)
    bits = [found.bits << min(last - found.last_day, DAYS) for found in (one, other)]
    return Ring(last, (bits[0] | bits[1]) & _FULL)


def days_of(ring: Ring) -> list[int]:
    """The days themselves, newest first."""
    return [ring.last_day - back for back in range(DAYS) if ring.bits >> back & 1]


def to_words(bits: int) -> tuple[int, int, int]:
    """The bits as three integers that a 64-bit column holds."""
    return bits & _MASK, (bits >> WORD) & _MASK, (bits >> (2 * WORD)) & _MASK


def from_words(word_0: int, word_1: int, word_2: int) -> int:
    """The inverse of `to_words`."""
    return word_0 | (word_1 << WORD) | (word_2 << (2 * WORD))
