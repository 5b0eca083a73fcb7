"""When a verdict can change by the passing of time alone, while all facts stay as they are."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from .comparing import Moment
from .language import Condition, FactType, Held, Leaf, Window, children, hold_key
from .values import Kind, kind_of

# Values from elsewhere than these years give no boundary: a hundred years before or after any other stays inside the
# calendar, and a moment between the years 201 and 8899 is further from those left out than any window reaches.
FIRST_YEAR = 101
LAST_YEAR = 8999

_OFFSETS: dict[str, tuple[int, ...]] = {
    "withinLast": (0, 1),
    "moreThanAgo": (1,),
    "withinNext": (-1, 0),
    "moreThanAhead": (-1,),
}
_Time = TypeVar("_Time", datetime, date)


@dataclass(frozen=True)
class Boundary:
    """The verdict may change at the value of `fact` plus `days`: that instant or date is the first of a new verdict.

    `fact` may also be the key of something held; its value is then an instant like any other.
    """

    fact: str
    type: FactType
    days: int | float

    @property
    def span(self) -> timedelta:
        """The days as an exact distance, rounded to microseconds as windows are."""
        return timedelta(days=self.days)


def boundaries(condition: Condition) -> frozenset[Boundary]:
    """Where on the way through time the condition may change its mind. Raises ValueError for untyped windows."""
    return frozenset(_boundaries(condition))


def _boundaries(condition: Condition) -> Iterator[Boundary]:
    if isinstance(condition, Leaf) and isinstance(condition.value, Window):
        if condition.type is FactType.UNTYPED:
            raise ValueError(f'"{condition.fact}" has no type; only declared facts can be followed through time')
        for factor in _OFFSETS[condition.operator]:
            yield Boundary(condition.fact, condition.type, factor * condition.value.days)
    if isinstance(condition, Held):
        yield Boundary(hold_key(condition.node), FactType.INSTANT, condition.days)
    for child in children(condition):
        yield from _boundaries(child)


def next_change(
    condition: Condition, facts: Mapping[str, object], moment: Moment
) -> tuple[datetime | None, date | None]:
    """The earliest instant after now, and the earliest date after today, at which the verdict may be another one.

    Before both of them it stays what it is, as long as the facts do.
    """
    instants: list[datetime] = []
    dates: list[date] = []
    for boundary in boundaries(condition):
        value = facts.get(boundary.fact)
        if boundary.type is FactType.INSTANT and kind_of(value) is Kind.INSTANT and isinstance(value, datetime):
            instants.extend(_reached(value.astimezone(UTC), boundary))
        elif boundary.type is FactType.DATE and kind_of(value) is Kind.DATE and isinstance(value, date):
            dates.extend(_reached(value, boundary))
    return _earliest(instants, moment.as_of), _earliest(dates, moment.today)


def _reached(value: _Time, boundary: Boundary) -> list[_Time]:
    return [value + boundary.span] if FIRST_YEAR <= value.year <= LAST_YEAR else []


def _earliest(times: Iterable[_Time], now: _Time) -> _Time | None:
    return min((time for time in times if time > now), default=None)
