"""Whether some dimensions together say more than anybody can act on."""

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.team.models import User
from retention.segments.models import Dimension, Segment
from retention.segments.queries import Cell, Size, combined, current_segments

MOST_DIMENSIONS = 3
MOST_OWNED = 4
"""Segments of one dimension that have people who look after their accounts, or a machine that does."""
FEWEST_ACCOUNTS = 5


@dataclass(frozen=True)
class Combination:
    """Some dimensions together: their segments, the accounts in each cell, and what speaks against it."""

    dimensions: Sequence[Dimension]
    segments: list[list[Segment]]
    cells: dict[tuple[str, ...], Size]
    warnings: list[str]

    @property
    def small(self) -> int:
        """Cells that have accounts, but too few to act on or to test with."""
        return sum(size.accounts < FEWEST_ACCOUNTS for size in self.cells.values())


def combine(dimensions: Sequence[Dimension], user: User) -> Combination:
    """What comes of combining `dimensions`, for the accounts that `user` may see."""
    own: dict[int, list[Segment]] = {dimension.pk: [] for dimension in dimensions}
    for segment in current_segments().filter(version__dimension__in=dimensions):
        own[segment.version.dimension_id].append(segment)
    segments = [own[dimension.pk] for dimension in dimensions]
    found = combined(dimensions, user) if len(dimensions) <= MOST_DIMENSIONS else []
    return Combination(
        dimensions, segments, {cell.keys: cell.size for cell in found}, _warnings(dimensions, segments, found)
    )


def _warnings(
    dimensions: Sequence[Dimension], segments: Sequence[Sequence[Segment]], found: Sequence[Cell]
) -> list[str]:
    warnings = []
    if len(dimensions) > MOST_DIMENSIONS:
        warnings.append(
            f"{len(dimensions)} dimensions together are more than anybody can act on. Choose at most {MOST_DIMENSIONS}."
        )
    for dimension, own in zip(dimensions, segments, strict=True):
        owned = sum(bool(one.care) for one in own)
        if owned > MOST_OWNED:
            warnings.append(
                f"{dimension} has {owned} segments that somebody looks after. More than {MOST_OWNED} are hard to staff."
            )
    small = sum(cell.size.accounts < FEWEST_ACCOUNTS for cell in found)
    if small:
        some = "1 combination has" if small == 1 else f"{small} combinations have"
        warnings.append(f"{some} fewer than {FEWEST_ACCOUNTS} accounts: too few to act on, or to test with.")
    return warnings
