"""What is wrong with segments before they are published: gaps, overlaps, segments that nobody can be in."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import product
from math import prod
from typing import Any

from accounts.foundation.truth import Truth
from retention.conditions.comparing import Moment
from retention.conditions.evaluate import compile_closure
from retention.conditions.language import Condition
from retention.segments.space import Axis, axes

MOST = 200_000
"""Up to so many cells all are looked at; of more, some."""
TRIED = 20_000
"""How many cells of a larger space are looked at."""
Cell = Mapping[str, Any]


class Kind(StrEnum):
    """What can be found."""

    GAP = "gap"
    """Everything is known of an account, or enough of it, and no segment takes it."""
    NOWHERE = "nowhere"
    """Too little is known of an account, and there is no last segment for such."""
    UNREACHABLE = "unreachable"
    """No account can ever be in the segment."""
    OVERLAP = "overlap"
    """Accounts of one segment also fit later ones, of which it is no part: the order alone decides."""


@dataclass(frozen=True)
class Finding:
    """One thing found: the places of the segments it is about, and an account for which it is so."""

    kind: Kind
    places: tuple[int, ...] = ()
    example: Cell = field(default_factory=dict)


@dataclass(frozen=True)
class Findings:
    """All of them; proven where the whole space was looked at."""

    found: list[Finding]
    cells: int
    is_proven: bool


def lint(conditions: Sequence[Condition | None], moment: Moment, *, closed: Mapping[str, Sequence[str]]) -> Findings:
    """What is wrong with segments under these conditions, in order; None stands for the one that takes the rest."""
    asked = [one for one in conditions if one is not None]
    space = axes(asked, moment, closed=closed)
    size = prod(len(axis.values) for axis in space)
    look = _Look(len(asked), has_rest=len(asked) < len(conditions))
    answers = [compile_closure(one) for one in asked]
    for cell in _cells(space, size):
        look.at(cell, [answer(cell, moment) for answer in answers])
    is_proven = size <= MOST and all(axis.is_exact for axis in space)
    return Findings(look.findings(), size, is_proven)


def _cells(space: Sequence[Axis], size: int) -> Iterator[dict[str, Any]]:
    names = [axis.fact for axis in space]
    if size <= MOST:
        for values in product(*(axis.values for axis in space)):
            yield dict(zip(names, values, strict=True))
        return
    dice = random.Random(size)  # noqa: S311  (the same look at the same rules)
    for _ in range(TRIED):
        yield {axis.fact: dice.choice(axis.values) for axis in space}


def winner(verdicts: Sequence[Truth]) -> int | None:
    """The place of the segment that takes an account; None where none does, or nobody can tell."""
    for place, verdict in enumerate(verdicts):
        if verdict is not False:
            return place if verdict else None
    return None


class _Look:
    """What was seen so far."""

    def __init__(self, count: int, *, has_rest: bool) -> None:
        self.count, self.has_rest = count, has_rest
        self.taken: set[int] = set()
        self.gap: Cell | None = None
        self.nowhere: Cell | None = None
        self.both: dict[tuple[int, int], Cell] = {}
        self.alone: set[tuple[int, int]] = set()
        """(One, other): some account fits the one and not the other."""

    def at(self, cell: Cell, verdicts: Sequence[Truth]) -> None:
        """Notes one account."""
        place = winner(verdicts)
        if place is not None:
            self.taken.add(place)
        elif all(verdict is False for verdict in verdicts):
            self.gap = _plainer(self.gap, cell)
        else:
            self.nowhere = _plainer(self.nowhere, cell)
        fits = [number for number, verdict in enumerate(verdicts) if verdict]
        for one in fits:
            for other, verdict in enumerate(verdicts):
                if verdict is False:
                    self.alone.add((one, other))
                elif verdict and one < other:
                    self.both[one, other] = _plainer(self.both.get((one, other)), cell)

    def findings(self) -> list[Finding]:
        """In the order in which one mends them."""
        found = []
        if self.gap is not None:
            found.append(Finding(Kind.GAP, (), self.gap))
        if self.nowhere is not None and not self.has_rest:
            found.append(Finding(Kind.NOWHERE, (), self.nowhere))
        found += [Finding(Kind.UNREACHABLE, (one,)) for one in range(self.count) if one not in self.taken]
        for one in range(self.count):
            crossed = [other for other in range(self.count) if self._crosses(one, other)]
            if crossed:
                found.append(Finding(Kind.OVERLAP, (one, *crossed), self.both[one, crossed[0]]))
        return found

    def _crosses(self, one: int, other: int) -> bool:
        return (one, other) in self.both and {(one, other), (other, one)} <= self.alone


def _plainer(one: Cell | None, other: Cell) -> Cell:
    """Of two examples the one of which more is known."""
    return other if one is None or _unknown(other) < _unknown(one) else one


def _unknown(cell: Cell) -> int:
    return sum(value is None for value in cell.values())
