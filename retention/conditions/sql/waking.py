"""When each row's verdict may next change by itself: the earliest boundary in time that still lies ahead."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from ..language import FactType
from ..timing import FIRST_YEAR, LAST_YEAR, Boundary
from ..values import Kind
from .columns import Column, Dialect, Sql
from .compiling import place_of
from .fragments import Fragment, case_of
from .moments import Moved
from .places import Place
from .shifting import shifted

# Just before the first, and the last, value that gives a boundary.
_LIMITS: dict[Kind, tuple[Any, Any]] = {
    Kind.INSTANT: (
        datetime(FIRST_YEAR, 1, 1, tzinfo=UTC) - timedelta(microseconds=1),
        datetime(LAST_YEAR, 12, 31, 23, 59, 59, 999_999, UTC),
    ),
    Kind.DATE: (date(FIRST_YEAR - 1, 12, 31), date(LAST_YEAR, 12, 31)),
}
# SQLite's functions take at most 127 arguments.
_MOST_ARGUMENTS = 100
_LONGEST_CHAIN = 4
# Sorts after every time written as text.
_NEVER = "'~'"


def wake_sql(boundaries: Iterable[Boundary], columns: Mapping[str, Column], dialect: Dialect) -> tuple[Sql, Sql]:
    """The earliest boundary instant after now and boundary date after today, over a row; NULL where there is none.

    What `timing.next_change` finds in memory: timestamptz and date on PostgreSQL; on SQLite text as Django writes it.
    """
    spans: dict[tuple[str, FactType], set[timedelta]] = {}
    for boundary in boundaries:
        spans.setdefault((boundary.fact, boundary.type), set()).add(boundary.span)
    found: dict[Kind | None, list[Fragment]] = {Kind.INSTANT: [], Kind.DATE: []}
    for (fact, fact_type), several in sorted(spans.items(), key=lambda item: item[0][0]):
        place = place_of(fact, fact_type, columns, dialect)
        found[fact_type.kind].append(_next(place, sorted(several)))
    return (
        _earliest(found[Kind.INSTANT], dialect, "timestamptz").as_sql(),
        _earliest(found[Kind.DATE], dialect, "date").as_sql(),
    )


def _next(place: Place, spans: Sequence[timedelta]) -> Fragment:
    """The earliest boundary of one fact: of the smallest span that still leads ahead.

    The moment is moved and the value compared bare; the value itself is moved only for the rows that need it.
    """
    limits = _LIMITS[place.kind]
    bounds = [(Moved(place.kind, -span, within=limits), span) for span in spans]
    branches = [_Branch(place.compare(">", bound), Fragment(shifted(place, span))) for bound, span in bounds]
    # Whatever lies too late for a boundary lies beyond the first bound, which is the latest.
    branches[0] = replace(branches[0], boundary=case_of(place.compare("<=", limits[1]), branches[0].boundary))
    return place.answer(_search(branches))


@dataclass(frozen=True)
class _Branch:
    """A boundary, and whether it is ahead; of several, in falling order of their bounds, the first that is counts."""

    is_ahead: Fragment
    boundary: Fragment


def _search(branches: Sequence[_Branch]) -> Fragment:
    """The boundary of the first branch that is ahead. Many are halved: a list with many windows has many."""
    if len(branches) > _LONGEST_CHAIN:
        middle = len(branches) // 2
        earlier, rest = _search(branches[:middle]), _search(branches[middle:])
        return case_of(branches[middle - 1].is_ahead, earlier, rest)
    whens = " ".join(f"WHEN {branch.is_ahead.text} THEN {branch.boundary.text}" for branch in branches)
    parts = [part for branch in branches for part in (branch.is_ahead, branch.boundary)]
    return Fragment(f"CASE {whens} END", tuple(param for part in parts for param in part.params))


def _earliest(found: Sequence[Fragment], dialect: Dialect, cast: str) -> Fragment:
    if not found:
        return Fragment(f"NULL::{cast}" if dialect is Dialect.POSTGRESQL else "NULL")
    if len(found) == 1:
        return found[0]
    params = tuple(param for fragment in found for param in fragment.params)
    if dialect is Dialect.POSTGRESQL:
        return Fragment(f"LEAST({', '.join(fragment.text for fragment in found)})", params)
    # Here one NULL would make the least of all NULL.
    smallest = _smallest([f"COALESCE({fragment.text}, {_NEVER})" for fragment in found])
    return Fragment(f"NULLIF({smallest}, {_NEVER})", params)


def _smallest(texts: list[str]) -> str:
    """The least of any number of texts in SQLite; `min` of a single one would be an aggregate."""
    if len(texts) == 1:
        return texts[0]
    if len(texts) <= _MOST_ARGUMENTS:
        return f"min({', '.join(texts)})"
    slices = (texts[start : start + _MOST_ARGUMENTS] for start in range(0, len(texts), _MOST_ARGUMENTS))
    return _smallest([_smallest(piece) for piece in slices])
