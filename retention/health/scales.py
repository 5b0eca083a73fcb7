"""Scales: how facts become points from 0 to 100. Written as data, compiled to a function.

    marks        {"fact": key, "marks": [[x, points], …]}: points run straight between the marks; before the first and
                 after the last they stay, unless `below` or `above` says otherwise
    age          the same with {"days_since": key} of an instant or a date: whole days in the workspace's zone
    values       {"fact": key, "values": {value: points}}, with `otherwise` for every other value
    steps        {"steps": [{"when": condition, "points": n}, …], "otherwise": points or scale}: the first that is true
    deductions   {"from": 100, "deductions": [{"name": …, "when": condition, "points": n}, …]}: each is taken off
    mean         {"mean": [scale, …]}: of those that are known

A scale with {"fresh": {"fact": key, "days": n}} is unknown once that instant is longer ago.
"""

import datetime as dt
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from retention.conditions.comparing import Moment
from retention.conditions.evaluate import compile_closure
from retention.conditions.refusal import ConditionRefused
from retention.evaluation.rules import read

Known = Mapping[str, Any]
BEST, WORST = 100.0, 0.0


@dataclass(frozen=True)
class Day:
    """A day in the workspace's zone. Conditions are asked as of its end, so that ages count whole calendar days."""

    moment: Moment
    zone: ZoneInfo

    @classmethod
    def of(cls, at: dt.datetime, zone: ZoneInfo) -> "Day":
        """The day in which `at` lies."""
        today = at.astimezone(zone).date()
        end = dt.datetime.combine(today + dt.timedelta(days=1), dt.time(), zone)
        return cls(Moment(end.astimezone(dt.UTC), today), zone)

    def since(self, value: Any) -> int | None:
        """Whole days from an instant or a date until this day; None where it is neither."""
        if isinstance(value, dt.datetime):
            value = value.astimezone(self.zone).date()
        return (self.moment.today - value).days if isinstance(value, dt.date) else None


Scale = Callable[[Known, Day], float | None]
"""The points for what is known of an account; None where they are unknown."""
Asking = Callable[[Known, Day], bool | None]


def asking(source: Any) -> Asking:
    """What answers a stored condition; unknown where a fact that it reads is gone."""
    try:
        closure = compile_closure(read(source))
    except ConditionRefused:
        return lambda known, day: None
    return lambda known, day: closure(known, day.moment)


def compile_scale(source: Mapping[str, Any]) -> Scale:
    """The function that a scale, which was checked, describes."""
    made = next(build for name, build in _BUILDERS.items() if name in source)(source)
    return _fresh(made, source["fresh"]) if "fresh" in source else made


def _marks(source: Mapping[str, Any]) -> Scale:
    marks = [(float(x), float(points)) for x, points in source["marks"]]
    places, heights = [x for x, _ in marks], [points for _, points in marks]
    below, above = float(source.get("below", heights[0])), float(source.get("above", heights[-1]))
    key, is_age = source.get("days_since") or source["fact"], "days_since" in source

    def points(known: Known, day: Day) -> float | None:
        value = day.since(known.get(key)) if is_age else known.get(key)
        if value is None or isinstance(value, (bool, str)):
            return None
        if value < places[0]:
            return below
        if value > places[-1]:
            return above
        right = bisect_left(places, value)
        if places[right] == value:
            return heights[right]
        share = (value - places[right - 1]) / (places[right] - places[right - 1])
        return heights[right - 1] + share * (heights[right] - heights[right - 1])

    return points


def _values(source: Mapping[str, Any]) -> Scale:
    key, values, otherwise = source["fact"], source["values"], float(source.get("otherwise", WORST))

    def points(known: Known, day: Day) -> float | None:
        value = known.get(key)
        if value is None:
            return None
        return float(values.get(str(value).lower() if isinstance(value, bool) else value, otherwise))

    return points


def _steps(source: Mapping[str, Any]) -> Scale:
    steps = [(asking(one["when"]), float(one["points"])) for one in source["steps"]]
    last = source["otherwise"]
    otherwise = compile_scale(last) if isinstance(last, Mapping) else _always(float(last))

    def points(known: Known, day: Day) -> float | None:
        for holds, height in steps:
            truth = holds(known, day)
            if truth is None:
                return None
            if truth:
                return height
        return otherwise(known, day)

    return points


def _always(points: float) -> Scale:
    return lambda known, day: points


def _deductions(source: Mapping[str, Any]) -> Scale:
    full = float(source.get("from", BEST))
    taken = [(asking(one["when"]), float(one["points"])) for one in source["deductions"]]

    def points(known: Known, day: Day) -> float | None:
        truths = [(holds(known, day), height) for holds, height in taken]
        if all(truth is None for truth, _ in truths):
            return None
        return max(WORST, full - sum(height for truth, height in truths if truth))

    return points


def _mean(source: Mapping[str, Any]) -> Scale:
    scales = [compile_scale(one) for one in source["mean"]]

    def points(known: Known, day: Day) -> float | None:
        found = [height for one in scales if (height := one(known, day)) is not None]
        return sum(found) / len(found) if found else None

    return points


def _fresh(scale: Scale, bound: Mapping[str, Any]) -> Scale:
    key, days = bound["fact"], bound["days"]

    def points(known: Known, day: Day) -> float | None:
        age = day.since(known.get(key))
        return None if age is None or age > days else scale(known, day)

    return points


_BUILDERS: dict[str, Callable[[Mapping[str, Any]], Scale]] = {
    "marks": _marks,
    "values": _values,
    "steps": _steps,
    "deductions": _deductions,
    "mean": _mean,
}
KINDS = tuple(_BUILDERS)


def conditions_in(source: Any) -> Iterator[Any]:
    """Every condition within a scale."""
    if isinstance(source, Mapping):
        for one in [*source.get("steps", ()), *source.get("deductions", ())]:
            yield one["when"]
        for inner in [source.get("otherwise"), *source.get("mean", ())]:
            yield from conditions_in(inner)


def facts_in(source: Any) -> list[str]:
    """The keys of the facts that a scale or a condition asks for, each once, in the order of its text."""
    return list(dict.fromkeys(_facts_in(source)))


def _facts_in(source: Any) -> Iterator[str]:
    if isinstance(source, list):
        for one in source:
            yield from _facts_in(one)
    elif isinstance(source, Mapping):
        yield from (source[name] for name in ("fact", "days_since") if isinstance(source.get(name), str))
        for name, inner in source.items():
            if name not in ("value", "values", "marks"):
                yield from _facts_in(inner)
