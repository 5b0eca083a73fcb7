"""Scales in words, and the numbers in them that an operator may change."""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from accounts.facts.catalogue import Type
from accounts.facts.lookup import find
from accounts.facts.wording import shown
from accounts.workspace.queries import base_currency
from retention.conditions.refusal import ConditionRefused
from retention.evaluation.reading import in_words
from retention.health.models import Band

SHAPES = {Band.GREEN: "●", Band.AMBER: "▲", Band.RED: "■", Band.INSUFFICIENT: "○"}
"""A band is told by its word and a shape: colour comes on top."""
TONES = {Band.GREEN: "good", Band.AMBER: "warn", Band.RED: "bad", Band.INSUFFICIENT: ""}
EVEN = 0.5
"""Points within which a score counts as unchanged."""


def arrow(change: float | None) -> tuple[str, str]:
    """How a score moved in 30 days, as an arrow and in words."""
    if change is None:
        return "", "no score 30 days ago"
    if abs(change) < EVEN:
        return "→", "as 30 days ago"
    return ("↗", f"{change:g} up in 30 days") if change > 0 else ("↘", f"{-change:g} down in 30 days")


def name_of(key: str) -> str:
    """The name of a fact."""
    fact = find(key)
    return fact.label if fact else f"{key} (gone)"


def condition(source: Any) -> str:
    """A condition in words; says so where it reads a fact that is gone."""
    try:
        return in_words(source)
    except ConditionRefused:
        return "something that nobody can tell any more: a fact is gone"


def mixed(asked: Mapping[str, Any] | None, names: Mapping[str, str]) -> str:
    """What counts as mixed signals; `names` are those of the measures."""
    if not asked:
        return "Nothing counts as mixed signals."
    one, other = (" and ".join(names.get(key, key) for key in asked[side]) for side in ("one", "other"))
    heights = f"at {asked['high_from']:g} or more while {other} is below {asked['low_below']:g}"
    return f"Mixed signals: {one} {heights}, or the other way round. {asked['policy']}"


def scale(source: Mapping[str, Any]) -> list[str]:
    """How facts become points, a line each."""
    lines = list(_lines(source))
    if "fresh" in source:
        lines.append(f"unknown once {name_of(source['fresh']['fact'])} is more than {source['fresh']['days']} days ago")
    return lines


def _lines(source: Mapping[str, Any]) -> Iterator[str]:
    if "marks" in source:
        yield _marks(source)
    elif "values" in source:
        told = ", ".join(f"{name} {height:g}" for name, height in source["values"].items())
        yield f"{name_of(source['fact'])}: {told}, anything else {source.get('otherwise', 0):g}"
    elif "steps" in source:
        yield from (f"{one['points']:g} when {condition(one['when'])}" for one in source["steps"])
        last = source["otherwise"]
        yield from (f"otherwise {line}" for line in (scale(last) if isinstance(last, Mapping) else [f"{last:g}"]))
    elif "deductions" in source:
        yield f"{source.get('from', 100):g} to begin with"
        yield from (f"−{one['points']:g}: {one.get('name') or condition(one['when'])}" for one in source["deductions"])
    else:
        yield "the mean, as far as known, of"
        yield from (line for inner in source["mean"] for line in scale(inner))


def _marks(source: Mapping[str, Any]) -> str:
    key = source.get("days_since") or source["fact"]
    told = [f"{_at(source, x)} → {height:g}" for x, height in source["marks"]]
    if "below" in source:
        told.insert(0, f"less → {source['below']:g}")
    if "above" in source:
        told.append(f"{'longer' if 'days_since' in source else 'more'} → {source['above']:g}")
    return f"{name_of(key)}: {', '.join(told)}"


def _at(source: Mapping[str, Any], x: float) -> str:
    if "days_since" in source:
        return f"{x:g} days ago"
    return shown(source["fact"], x, currency=base_currency())


Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Number:
    """One number within a scale: where it stands, what it is, and by how much it is shown larger (shares in %)."""

    path: Path
    label: str
    value: float
    factor: int = 1

    @property
    def name(self) -> str:
        """As part of the name of a field."""
        return "-".join(map(str, self.path))


def numbers(source: Any, path: Path = ()) -> Iterator[Number]:
    """Every number in a scale that an operator may change, in the order of its text."""
    if "marks" in source:
        yield from _of_marks(source, path)
    for name, height in source.get("values", {}).items():
        yield Number((*path, "values", name), f"Points for {name}", height)
    for kind in ("steps", "deductions"):
        for place, one in enumerate(source.get(kind, ())):
            told = one.get("name") or condition(one["when"])
            verb = "Points when" if kind == "steps" else "Taken off:"
            yield Number((*path, kind, place, "points"), f"{verb} {told}", one["points"])
    last = source.get("otherwise")
    if isinstance(last, Mapping):
        yield from numbers(last, (*path, "otherwise"))
    elif last is not None:
        yield Number((*path, "otherwise"), "Points otherwise", last)
    for place, inner in enumerate(source.get("mean", ())):
        yield from numbers(inner, (*path, "mean", place))
    if "fresh" in source:
        yield Number(
            (*path, "fresh", "days"),
            f"Days for which {name_of(source['fresh']['fact'])} counts",
            source["fresh"]["days"],
        )


def _of_marks(source: Mapping[str, Any], path: Path) -> Iterator[Number]:
    fact = find(source.get("fact", ""))
    factor, unit = (100, " in %") if fact and fact.type is Type.RATIO else (1, "")
    key = source.get("days_since") or source["fact"]
    what = f"Days since {name_of(key).lower()}" if "days_since" in source else f"{name_of(key)}{unit}"
    for place, (x, height) in enumerate(source["marks"]):
        yield Number((*path, "marks", place, 0), what, x, factor)
        yield Number((*path, "marks", place, 1), "Points there", height)
    for side, told in (("below", "Points below"), ("above", "Points beyond")):
        if side in source:
            yield Number((*path, side), told, source[side])


def with_numbers(source: Mapping[str, Any], changed: Mapping[Path, float]) -> dict[str, Any]:
    """The scale with these numbers at their places."""
    found: Any = copy.deepcopy(dict(source))
    for path, value in changed.items():
        *above, last = path
        inner = found
        for step in above:
            inner = inner[step]
        inner[last] = value
    return found
