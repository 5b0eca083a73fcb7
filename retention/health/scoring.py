"""The score of one account by one version: points of each measure, what is missing, caps, contradictions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from retention.health.models import HealthMeasure, HealthModelVersion
from retention.health.scales import BEST, WORST, Day, Known, asking, compile_scale

Missing = HealthMeasure.Missing
POINTS = {Missing.EXCLUDE: None, Missing.WORST: WORST, Missing.NEUTRAL: 50.0}
"""What a missing value counts as."""
DIGITS = 1


@dataclass(frozen=True, slots=True)
class Part:
    """What one measure contributes: its points, None where unknown, and as what it counts, None where left out."""

    key: str
    weight: int
    points: float | None
    counted: float | None


@dataclass(frozen=True, slots=True)
class Scored:
    """One account by one version. `score` is None where less than enough of the weight is known.

    `uncapped` is the score without caps; `caps` are those that hold, with the most that each allows.
    """

    version: HealthModelVersion
    score: float | None
    uncapped: float | None
    known_share: float
    parts: Sequence[Part]
    caps: Sequence[tuple[str, int]]
    is_mixed: bool

    @property
    def capped_by(self) -> str:
        """The cap that holds the score down; empty where none does."""
        if self.score is None or self.uncapped is None or self.score >= self.uncapped:
            return ""
        return min(self.caps, key=lambda cap: cap[1])[0]

    def contribution(self, part: Part) -> float | None:
        """The points of the whole score that come from one part."""
        counted = sum(one.weight for one in self.parts if one.counted is not None)
        return part.weight * part.counted / counted if part.counted is not None and counted else None

    def as_json(self) -> dict[str, Any]:
        """What the history keeps of it."""
        return {
            "measures": {one.key: [_short(one.points), _short(one.counted), one.weight] for one in self.parts},
            "caps": dict(self.caps),
            "uncapped": self.uncapped,
            "mixed": self.is_mixed,
        }


class Scorer:
    """One version with its measures and caps, stored or only drafted, ready to score many accounts."""

    def __init__(self, version: HealthModelVersion, measures: Iterable[Any], caps: Iterable[Any]) -> None:
        self.version = version
        self.applies = asking(version.applies)
        self.measures = [_Measure(one) for one in measures]
        self.caps = [(one.key, one.at_most, asking(one.when)) for one in caps]
        self.weight = sum(one.weight for one in self.measures)

    @classmethod
    def of(cls, version: HealthModelVersion) -> "Scorer":
        """A version that is published."""
        return cls(version, version.measures.all(), version.caps.all())

    def score(self, known: Known, day: Day) -> Scored:
        """The score of an account of which this is known."""
        parts = [one.part(known, day) for one in self.measures]
        told = sum(one.weight for one in parts if one.points is not None)
        share = told / self.weight if self.weight else 0.0
        caps = [(key, at_most) for key, at_most, holds in self.caps if holds(known, day)]
        uncapped = _weighted(parts) if 100 * told >= self.version.enough_percent * self.weight else None
        score = None if uncapped is None else min([uncapped, *(float(at_most) for _, at_most in caps)])
        return Scored(self.version, score, uncapped, share, parts, caps, self._is_mixed(parts))

    def _is_mixed(self, parts: Sequence[Part]) -> bool:
        asked = self.version.contradiction
        if not asked:
            return False
        points = {one.key: one.points for one in parts}
        sides = [[points.get(key) for key in asked[name]] for name in ("one", "other")]
        return any(
            _all(this, lambda height: height >= asked["high_from"])
            and _all(that, lambda height: height < asked["low_below"])
            for this, that in (sides, sides[::-1])
        )


class _Measure:
    def __init__(self, measure: Any) -> None:
        self.key, self.weight = measure.key, measure.weight
        self.scale = compile_scale(measure.scale)
        self.missing = POINTS[Missing(measure.missing)]
        self.worst_where = asking(measure.worst_where) if measure.worst_where else None

    def part(self, known: Known, day: Day) -> Part:
        points = self.scale(known, day)
        if points is not None:
            return Part(self.key, self.weight, points, points)
        is_worst = self.worst_where is not None and self.worst_where(known, day)
        return Part(self.key, self.weight, None, WORST if is_worst else self.missing)


def _weighted(parts: Sequence[Part]) -> float | None:
    weight = sum(one.weight for one in parts if one.counted is not None)
    if not weight:
        return None
    total = sum(one.weight * one.counted for one in parts if one.counted is not None)
    return round(min(max(total / weight, WORST), BEST), DIGITS)


def _all(heights: Sequence[float | None], holds: Any) -> bool:
    return bool(heights) and all(height is not None and holds(height) for height in heights)


def _short(points: float | None) -> float | None:
    return None if points is None else round(points, DIGITS)


def by_key(parts: Mapping[str, Any]) -> dict[str, Part]:
    """Measure → its part, of what the history keeps."""
    return {
        key: Part(key, weight, points, counted) for key, (points, counted, weight) in parts.get("measures", {}).items()
    }
