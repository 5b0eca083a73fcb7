"""Small drawings as points of lines and bars; the templates put them into SVG."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT = 96, 32
BINS = 10


def curve(scale: Mapping[str, Any]) -> str:
    """The line of a scale with marks, points running straight between them; empty for other scales."""
    marks = scale.get("marks")
    if not marks:
        last = scale.get("otherwise")
        return curve(last) if isinstance(last, Mapping) else ""
    low, high = marks[0][0], marks[-1][0]
    margin = (high - low) / 5 or 1
    heights = [(low - margin, scale.get("below", marks[0][1])), (low, scale.get("below", marks[0][1])), *marks]
    heights += [(high, scale.get("above", marks[-1][1])), (high + margin, scale.get("above", marks[-1][1]))]
    first, width = low - margin, high - low + 2 * margin
    return " ".join(f"{(x - first) / width * WIDTH:.1f},{_up(height):.1f}" for x, height in heights)


def _up(points: float) -> float:
    return HEIGHT - 1 - points * (HEIGHT - 2) / 100


@dataclass(frozen=True)
class Bar:
    """One bar of a histogram: scores from `low` to `high`, how many accounts, and where it stands in the drawing."""

    low: int
    high: int
    before: int
    after: int
    x: float
    before_y: float
    before_height: float
    after_y: float
    after_height: float


CHART_HEIGHT, SLOT = 120, 32


def bars(before: Sequence[float], after: Sequence[float]) -> list[Bar]:
    """Two distributions of scores side by side, ten points a bar."""
    counts = [(_count(before, place), _count(after, place)) for place in range(BINS)]
    highest = max(max(pair) for pair in counts) or 1
    found = []
    for place, (one, other) in enumerate(counts):
        heights = [count * CHART_HEIGHT / highest for count in (one, other)]
        low = place * 100 // BINS
        tops = [CHART_HEIGHT - height for height in heights]
        high = low + 100 // BINS
        found.append(Bar(low, high, one, other, place * SLOT, tops[0], heights[0], tops[1], heights[1]))
    return found


def _count(scores: Sequence[float], place: int) -> int:
    return sum(min(int(score * BINS // 100), BINS - 1) == place for score in scores)


@dataclass(frozen=True)
class Line:
    """The course of a score: the points of its line, and where other versions came into force."""

    points: str
    markers: Sequence[tuple[float, str]]


TREND_WIDTH, TREND_HEIGHT = 600, 80


def trend(rows: Sequence[Any]) -> Line | None:
    """The history of one score, oldest first; None where there are not two of them."""
    known = [row for row in rows if row.score is not None]
    if len(known) < 2:
        return None
    began, ended = known[0].at, known[-1].at
    whole = (ended - began).total_seconds() or 1.0

    def place(row: Any) -> float:
        return (row.at - began).total_seconds() / whole * TREND_WIDTH

    points = " ".join(f"{place(row):.1f},{TREND_HEIGHT - row.score * TREND_HEIGHT / 100:.1f}" for row in known)
    pairs = zip(known, known[1:], strict=False)
    markers = [(place(row), str(row.version)) for last, row in pairs if last.version_id != row.version_id]
    return Line(points, markers)


def steps(shares: Sequence[tuple[float, float]], *, until: float) -> str:
    """The line of a share that only rises, from nothing at 0: each with when it rose, and to what. Drawn to `until`."""
    points, height = [(0.0, 0.0)], 0.0
    for when, share in shares:
        points += [(when, height), (when, share)]
        height = share
    points.append((until, height))
    return " ".join(f"{x / (until or 1) * TREND_WIDTH:.1f},{TREND_HEIGHT - y * TREND_HEIGHT:.1f}" for x, y in points)
