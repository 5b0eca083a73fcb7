"""When a rule opens: civil days, and the instant at which a written local hour begins in a zone."""

import calendar
import datetime as dt
import functools
import zoneinfo
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

DAY = dt.timedelta(days=1)
SECOND = dt.timedelta(seconds=1)
Unit = Literal["days", "weeks", "months"]
HOUR = 9
"""The hour at which something opens where a rule names none."""
AFTERWARDS = 30
"""For so many days a window after a date may still open where a rule does not say."""


@functools.lru_cache(maxsize=20_000)
def opening(day: dt.date, hour: int, zone: str, minute: int = 0) -> dt.datetime:
    """The instant, in UTC, at which `hour` o'clock (and `minute`) begins on `day` in `zone`.

    A time that the clocks jump over opens at the first instant after the jump; one that comes twice, at the first.
    """
    here = zoneinfo.ZoneInfo(zone)
    wall = dt.datetime.combine(day, dt.time(hour, minute))
    late = wall.replace(tzinfo=here).astimezone(dt.UTC)
    if _wall(late, here) == wall:
        return late
    early = wall.replace(tzinfo=here, fold=1).astimezone(dt.UTC)
    while late - early > SECOND:
        middle = early + (late - early) // 2
        early, late = (early, middle) if _wall(middle, here) >= wall else (middle, late)
    return late.replace(microsecond=0)


def _wall(instant: dt.datetime, zone: zoneinfo.ZoneInfo) -> dt.datetime:
    return instant.astimezone(zone).replace(tzinfo=None)


@dataclass(frozen=True)
class Cadence:
    """Every so many days, weeks or months from the day `anchor` on, at a local hour in a zone."""

    every: int
    unit: Unit
    anchor: dt.date
    hour: int
    zone: str
    minute: int = 0

    @classmethod
    def read(cls, rule: Mapping[str, Any]) -> "Cadence":
        """The rule as a calendar keeps it."""
        anchor = dt.date.fromisoformat(rule["anchor"])
        found = cls(rule["every"], rule["unit"], anchor, rule.get("hour", HOUR), rule["zone"])
        zoneinfo.ZoneInfo(found.zone)
        if found.every < 1 or found.unit not in ("days", "weeks", "months") or found.hour not in range(24):
            raise ValueError(f"{rule} is no cadence")
        return found

    def day(self, n: int) -> dt.date:
        """The day of its `n`th time, counted from 0.

        Months are counted from the anchor: after 31 January come 28 (or 29) February and 31 March.
        """
        if self.unit != "months":
            return self.anchor + n * self.every * (7 if self.unit == "weeks" else 1) * DAY
        years, month = divmod(self.anchor.month - 1 + n * self.every, 12)
        year = self.anchor.year + years
        return dt.date(year, month + 1, min(self.anchor.day, calendar.monthrange(year, month + 1)[1]))

    def days(self, first: dt.date) -> Iterator[dt.date]:
        """Its days from `first` on."""
        n = max(0, self._about(first) - 1)
        while True:
            if (day := self.day(n)) >= first:
                yield day
            n += 1

    def _about(self, day: dt.date) -> int:
        if self.unit == "months":
            return ((day.year - self.anchor.year) * 12 + day.month - self.anchor.month) // self.every
        return (day - self.anchor).days // (self.every * (7 if self.unit == "weeks" else 1))

    def opens_at(self, day: dt.date) -> dt.datetime:
        return opening(day, self.hour, self.zone, self.minute)

    def since(self, after: dt.datetime, until: dt.datetime) -> list[tuple[dt.date, dt.datetime]]:
        """Its times later than `after` and not later than `until`, in order."""
        found: list[tuple[dt.date, dt.datetime]] = []
        for day in self.days(after.date() - 2 * DAY):  # no zone is further than two days from UTC
            at = self.opens_at(day)
            if at > until:
                return found
            if at > after:
                found.append((day, at))
        return found

    def next(self, after: dt.datetime) -> dt.datetime:
        """Its first time later than `after`."""
        return next(at for day in self.days(after.date() - 2 * DAY) if (at := self.opens_at(day)) > after)


@dataclass(frozen=True)
class Window:
    """So many days before or after a date of an account, until it is too late, at a local hour of the account's zone.

    It stays open until `until` days before the date, or after it: an account whose date becomes known late still
    gets the window that it is in, and none that it is past.
    """

    fact: str
    days: int
    before: bool
    until: int
    hour: int

    @classmethod
    def read(cls, rule: Mapping[str, Any]) -> "Window":
        """The rule as a calendar keeps it."""
        before, days = rule.get("before", True), rule["days"]
        until = rule.get("until", 0 if before else days + AFTERWARDS)
        found = cls(rule["fact"], days, before, until, rule.get("hour", HOUR))
        if found.first > found.last or days < 0 or found.hour not in range(24):
            raise ValueError(f"{rule} is no window")
        return found

    @property
    def first(self) -> int:
        """Days from the date to the first day of the window; negative before it."""
        return -self.days if self.before else self.days

    @property
    def last(self) -> int:
        """Days from the date to the last day of the window."""
        return -self.until if self.before else self.until

    def opens_at(self, date: dt.date, zone: str) -> dt.datetime:
        return opening(date + self.first * DAY, self.hour, zone)

    def is_open(self, date: dt.date, zone: str, at: dt.datetime) -> bool:
        """Whether `at` lies in the window of `date`."""
        return self.opens_at(date, zone) <= at < opening(date + (self.last + 1) * DAY, 0, zone)

    def dates(self, at: dt.datetime) -> tuple[dt.date, dt.date]:
        """The first and last date whose window may be open at `at`, wherever the account is."""
        today = at.astimezone(dt.UTC).date()
        return today - (self.last + 1) * DAY, today - (self.first - 1) * DAY

    def is_another_term(self, date: dt.date, opened_for: dt.date) -> bool:
        """Whether `date` is not merely `opened_for`, moved: its window opens only after that date had its own."""
        return date >= opened_for + max(self.days, 1) * DAY
