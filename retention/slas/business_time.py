"""Time in which somebody works: when something is due, and how much was worked between two instants."""

import datetime as dt
import re
import zoneinfo
from collections.abc import Container, Iterator
from dataclasses import dataclass

_DURATION = re.compile(r"(\d{1,4}) (bh|bd|d)")
_WEEK = frozenset({0, 1, 2, 3, 4})


class NotADuration(ValueError):
    """A text that is no duration of ours."""


def parse(text: str) -> tuple[int, str]:
    """`4 bh` (business hours), `1 bd` (business days) or `3 d` (calendar days) as number and unit."""
    found = _DURATION.fullmatch(text.strip())
    if not found:
        raise NotADuration(f"{text!r} is no duration. Write 4 bh, 1 bd or 3 d.")
    return int(found[1]), found[2]


_UNITS = {"bh": "business hour", "bd": "business day", "d": "day"}


def in_words(text: str) -> str:
    """`4 bh` reads *4 business hours*."""
    number, unit = parse(text)
    return f"{number} {_UNITS[unit]}{'' if number == 1 else 's'}"


def span_in_words(span: dt.timedelta, day: dt.timedelta, *, called: str = "day") -> str:
    """A span of time in days of that length, hours and minutes: *1 day 3 h*, *2 h 5 min*, *4 h*."""
    days, rest = divmod(span, day)
    hours, rest = divmod(rest, dt.timedelta(hours=1))
    minutes = rest // dt.timedelta(minutes=1)
    if days:
        return f"{days} {called}{'' if days == 1 else 's'}" + (f" {hours} h" if hours else "")
    if hours:
        return f"{hours} h" + (f" {minutes} min" if minutes else "")
    return f"{minutes} min"


@dataclass(frozen=True)
class Hours:
    """When somebody works: these hours of these days of the week (Monday is 0) in a zone, but on no day of `closed`."""

    zone: str
    opens: dt.time = dt.time(9)
    closes: dt.time = dt.time(17)
    weekdays: frozenset[int] = _WEEK
    closed: Container[dt.date] = frozenset()

    def __post_init__(self) -> None:
        """Refuses hours in which nobody ever works: nothing would ever be due."""
        if not self.weekdays or self.opens >= self.closes:
            raise ValueError("Business hours need a day of the week on which they open before they close.")

    @property
    def day(self) -> dt.timedelta:
        """A business day: as long as the hours of one."""
        return dt.timedelta(hours=self.closes.hour - self.opens.hour, minutes=self.closes.minute - self.opens.minute)

    def due(self, text: str, *, start: dt.datetime) -> dt.datetime:
        """The instant at which `text` of time has passed since `start`, in UTC.

        What starts on Thursday at 15:00 and is given a business day is due on Friday at 15:00.
        """
        return self.after(*self.length(text), start=start)

    def length(self, text: str) -> tuple[dt.timedelta, bool]:
        """A duration as time, and whether only business time counts."""
        number, unit = parse(text)
        if unit == "d":
            return dt.timedelta(days=number), False
        return (dt.timedelta(hours=number) if unit == "bh" else number * self.day), True

    def after(self, left: dt.timedelta, is_business: bool, *, start: dt.datetime) -> dt.datetime:
        """The instant at which so much time has passed since `start`."""
        if not is_business:
            return start + left
        for opens, closes in self._days(start):
            begin = max(start, opens)
            if begin < closes:
                if left <= closes - begin:
                    return begin + left
                left -= closes - begin
        raise AssertionError("days do not end")

    def passed(self, start: dt.datetime, end: dt.datetime, *, is_business: bool = True) -> dt.timedelta:
        """How much time there is between two instants; none where the second is not later."""
        if not is_business:
            return max(end - start, dt.timedelta(0))
        total = dt.timedelta(0)
        for opens, closes in self._days(start):
            if opens >= end:
                break
            total += max(min(closes, end) - max(opens, start), dt.timedelta(0))
        return total

    def _days(self, start: dt.datetime) -> Iterator[tuple[dt.datetime, dt.datetime]]:
        """When each working day opens and closes, from that of `start` on, in UTC."""
        tz = zoneinfo.ZoneInfo(self.zone)
        day = start.astimezone(tz).date()
        while True:
            if day.weekday() in self.weekdays and day not in self.closed:
                opens, closes = (dt.datetime.combine(day, time, tz) for time in (self.opens, self.closes))
                yield opens.astimezone(dt.UTC), closes.astimezone(dt.UTC)
            day += dt.timedelta(days=1)


Span = tuple[dt.datetime, dt.datetime | None]
"""From when until when; None where it still goes on."""


@dataclass(frozen=True)
class Course:
    """How a clock runs: what it was given, from when, and the spans in which it stood still, in order."""

    duration: str
    started_at: dt.datetime
    pauses: tuple[Span, ...] = ()

    def due_at(self, hours: Hours) -> dt.datetime | None:
        """When its time will have run out; None while it stands still with time left."""
        left, is_business = hours.length(self.duration)
        for begin, end in self._running():
            if end is None:
                return hours.after(left, is_business, start=begin)
            passed = hours.passed(begin, end, is_business=is_business)
            if left <= passed:
                return hours.after(left, is_business, start=begin)
            left -= passed
        return None

    def used(self, hours: Hours, at: dt.datetime) -> dt.timedelta:
        """How much time has counted until `at`."""
        _, is_business = hours.length(self.duration)
        spans = ((begin, at if end is None else min(end, at)) for begin, end in self._running())
        return sum((hours.passed(*span, is_business=is_business) for span in spans), dt.timedelta(0))

    def left(self, hours: Hours, at: dt.datetime) -> dt.timedelta:
        """How much time is left at `at`; negative where it has run out."""
        given, _ = hours.length(self.duration)
        return given - self.used(hours, at)

    def _running(self) -> Iterator[Span]:
        """The spans in which time counted."""
        begin = self.started_at
        for since, until in self.pauses:
            yield begin, since
            if until is None:
                return
            begin = until
        yield begin, None
