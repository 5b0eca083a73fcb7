"""Who of an account's users was there when: the shape of its use, before any single event is drawn.

Days count backwards from the book's own: 1 is the day before it. The windows that facts compare are the days 1 to 30
and 31 to 60, so whoever leaves between 33 and 44 was there in the one and is missing in the other.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import ceil
from random import Random

from config.demo.people import Seat
from config.demo.stories import Story, Use

DAYS = 120
"""Days of usage in the book."""
MIN_FALLEN = 8
"""A drop is only told of accounts large enough for a per cent to mean something."""
FADED = 88
"""Whoever let the contract end had stopped by this day."""
NEWCOMERS = 26


def head_count(story: Story, rng: Random) -> int:
    """How many people ever used the product in these days."""
    if story.use is Use.NOT_STARTED:
        return 1
    count = round(story.company.employees**0.4 * rng.uniform(0.75, 1.25))
    return min(44, max(MIN_FALLEN if story.use in _FALLEN else 6, count))


def shaped(seats: Sequence[Seat], use: Use, rng: Random) -> list[Seat]:
    """`seats` with the days on which each came and went, as `use` tells."""
    return _SHAPES[use](list(seats), rng)


def _stable(seats: list[Seat], rng: Random) -> list[Seat]:
    """The same people all along, but for one in ten who handed over to somebody new, and now and then one more."""
    here = [replace(seat, since=DAYS) for seat in seats]
    for place in range(2, len(here) - 1, 10):
        here[place] = replace(here[place], until=rng.randint(65, 95))
        here[place + 1] = replace(here[place + 1], since=rng.randint(64, 80))
    if rng.random() < 0.3:
        here[-1] = replace(here[-1], since=rng.randint(10, 28))
    if rng.random() < 0.4:
        here[1] = replace(here[1], until=rng.randint(33, 55))
    return here


def _growing(seats: list[Seat], rng: Random) -> list[Seat]:
    """Half of them from the start, the others one after the other."""
    first = ceil(len(seats) / 2)
    return [replace(seat, since=DAYS if place < first else rng.randint(8, 112)) for place, seat in enumerate(seats)]


def _slipping(seats: list[Seat], rng: Random) -> list[Seat]:
    """A third leave, evenly spread, so that no month loses more than a few."""
    leaving = round(len(seats) / 3)
    here = [replace(seat, since=DAYS) for seat in seats]
    for turn in range(leaving):
        here[-1 - turn] = replace(here[-1 - turn], until=108 - round(96 * turn / max(1, leaving - 1)))
    return here


def _losing(share: tuple[float, float]) -> Callable[[list[Seat], Random], list[Seat]]:
    def shape(seats: list[Seat], rng: Random) -> list[Seat]:
        """Some share of them stopped five weeks ago, the last ones to join first."""
        leaving = ceil(len(seats) * rng.uniform(*share))
        staying = len(seats) - leaving
        return [
            replace(seat, since=DAYS, until=rng.randint(33, 44) if place >= staying else 0)
            for place, seat in enumerate(seats)
        ]

    return shape


def _new(seats: list[Seat], rng: Random) -> list[Seat]:
    return [replace(seat, since=NEWCOMERS - min(place * 2, NEWCOMERS - 10)) for place, seat in enumerate(seats)]


def _not_started(seats: list[Seat], rng: Random) -> list[Seat]:
    """The first user was set up; a day that never begins leaves no events."""
    return [replace(seat, since=NEWCOMERS, until=NEWCOMERS) for seat in seats]


def _ended(seats: list[Seat], rng: Random) -> list[Seat]:
    return [replace(seat, since=DAYS, until=rng.randint(FADED, 112)) for seat in seats]


def _unseen(seats: list[Seat], rng: Random) -> list[Seat]:
    return []


_FALLEN = {Use.DROPPED, Use.COLLAPSED, Use.DARK}
_SHAPES: dict[Use, Callable[[list[Seat], Random], list[Seat]]] = {
    Use.STABLE: _stable,
    Use.GROWING: _growing,
    Use.SLIPPING: _slipping,
    Use.DROPPED: _losing((0.36, 0.46)),
    Use.COLLAPSED: _losing((0.58, 0.72)),
    Use.DARK: _losing((1.0, 1.0)),
    Use.SEASONAL: _stable,
    Use.NEW: _new,
    Use.NOT_STARTED: _not_started,
    Use.ENDED: _ended,
    Use.UNSEEN: _unseen,
}


def active_days(seat: Seat, days_off: set[int], season: Callable[[int], float], rng: Random) -> set[int]:
    """The days on which `seat` did something: by habit, and at least once a fortnight while they are there."""
    days: set[int] = set()
    for first in range(seat.since, seat.until, -14):
        open_days = [day for day in range(first, max(first - 14, seat.until), -1)]
        working = [day for day in open_days if day not in days_off]
        chosen = {day for day in open_days if rng.random() < likely(seat, day in days_off, season(day))}
        if not chosen and len(working) >= 3:
            chosen = {rng.choice(working)}
        days |= chosen
    return days


def likely(seat: Seat, is_off: bool, season: float) -> float:
    """How likely somebody is to be there on one day."""
    return min(0.95, seat.rate * season * (0.05 if is_off else 1.0))
