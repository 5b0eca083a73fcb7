"""Putting accounts into segments, many at a time."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from accounts.events import services as events
from accounts.events.models import DirtyAccount
from accounts.facts.queries import SEGMENTS
from accounts.facts.services import set_registers
from accounts.foundation import many
from accounts.foundation.many import among
from accounts.portfolio.events import happened_to_many
from retention.evaluation.models import Edge
from retention.evaluation.placing import happenings, holding, telling
from retention.segments.models import AccountSegment, Dimension, DimensionVersion, Segment, SegmentChange


def watch_key(dimension: Dimension, segment_key: str) -> str:
    """The key under which a segment's condition is watched."""
    return f"segment:{dimension.key}:{segment_key}"


@dataclass
class Move:
    """What becomes of one account: its row as it will be, and the segment it was in."""

    row: AccountSegment
    before: Segment | None
    edge: Edge | None

    @property
    def is_news(self) -> bool:
        """Whether its row becomes another one: a new version has other segments, even of the same name."""
        return self.before is None or self.before.pk != self.row.segment_id

    @property
    def is_new(self) -> bool:
        """Whether it is in another segment now; a new version of the same segment is none."""
        return self.before is None or self.before.key != self.row.segment.key


@dataclass(frozen=True)
class Turned:
    """Accounts to be put into segments of one dimension, and what turned for them."""

    version: DimensionVersion
    account_ids: Collection[int]
    edges: Mapping[int, Sequence[Edge]] = field(default_factory=dict)


def place(dimensions: Iterable[Turned], *, cause: str, at: dt.datetime) -> set[int]:
    """Puts each account into the first segment of each dimension whose watch is true for it.

    Where none is, as while a new rule has not looked at it yet, it stays. Returns those that moved. Their facts are
    written once for all dimensions.
    """
    known = {one.version.dimension.key: _place(one, cause=cause, at=at) for one in dimensions}
    set_registers(known, source=SEGMENTS, at=at)
    return {account_id for moved in known.values() for account_id in moved}


def _place(turned: Turned, *, cause: str, at: dt.datetime) -> dict[int, str | None]:
    """Account id → what the fact of the dimension says from now on, of those that moved."""
    dimension, segments = turned.version.dimension, list(turned.version.segments.all())
    held = holding(turned.account_ids, {watch_key(dimension, one.key): one for one in segments})
    rows = {row.account_id: row for row in _rows(dimension, turned.account_ids)}
    moves = [
        _move(
            rows.get(pk) or AccountSegment(account_id=pk, dimension=dimension), found[0], turned.edges.get(pk, ()), at
        )
        for pk, found in held.items()
        if found
    ]
    many.put(AccountSegment, ["segment_id", "since"], [move.row for move in moves if move.is_news])
    moved = [move for move in moves if move.is_new]
    if moved:
        _record(moved, cause=cause, at=at)
        if any(segment.check_in_days for segment in segments):
            events.mark([move.row.account_id for move in moved], DirtyAccount.Pass.FACTS, at=at)
    return {move.row.account_id: move.row.segment.known_as for move in moved}


def _rows(dimension: Dimension, account_ids: Collection[int]) -> list[AccountSegment]:
    found = list(AccountSegment.objects.filter(account__in=among(account_ids), dimension=dimension))
    segments = Segment.objects.in_bulk({row.segment_id for row in found})
    for row in found:
        row.dimension, row.segment = dimension, segments[row.segment_id]
    return found


def _move(row: AccountSegment, target: Segment, edges: Sequence[Edge], at: dt.datetime) -> Move:
    before = row.segment if row.pk else None
    row.segment = target
    keys = [watch_key(row.dimension, segment.key) for segment in (target, before) if segment]
    move = Move(row, before, telling(edges, keys))
    if move.is_new:
        row.since = at
    return move


def _record(moved: Sequence[Move], *, cause: str, at: dt.datetime) -> None:
    """Writes the changes, and tells of those that the customer caused: to become known is no news, nor a new rule."""
    changes = [
        SegmentChange(
            account_id=move.row.account_id,
            dimension=move.row.dimension,
            from_segment=move.before,
            to_segment=move.row.segment,
            at=at,
            cause=move.edge.cause if move.edge else cause,
            edge=move.edge,
        )
        for move in moved
    ]
    many.insert(SegmentChange, changes)
    told = [
        (change, {"dimension": change.dimension.name, "from": change.from_segment.name, "to": change.to_segment.name})
        for change in changes
        if change.from_segment and change.from_segment.condition is not None and change.cause != Edge.Cause.DEFINITION
    ]
    happened_to_many("segment.changed", happenings(told), by=None, at=at)
