"""Putting accounts into segments, many at a time."""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
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

    Where none is, as while a new rule has not looked at it yet, it stays. Returns those that moved. There are as many
    statements for all dimensions as for one.
    """
    turned = list(dimensions)
    moves = list(_moves(turned, at=at))
    many.put(AccountSegment, ["segment_id", "since"], [move.row for move in moves if move.is_news])
    moved = [move for move in moves if move.is_new]
    if moved:
        _record(moved, cause=cause, at=at)
        events.mark(sorted(_with_a_rhythm(turned, moved)), DirtyAccount.Pass.FACTS, at=at)
    told: dict[str, dict[int, str | None]] = {one.version.dimension.key: {} for one in turned}
    for move in moved:
        told[move.row.dimension.key][move.row.account_id] = move.row.segment.known_as
    set_registers(told, source=SEGMENTS, at=at)
    return {move.row.account_id for move in moved}


def _moves(turned: Sequence[Turned], *, at: dt.datetime) -> Iterator[Move]:
    segments = {
        watch_key(one.version.dimension, segment.key): segment
        for one in turned
        for segment in one.version.segments.all()
    }
    account_ids = {account_id for one in turned for account_id in one.account_ids}
    rows, held = _rows(turned, account_ids), holding(account_ids, segments)
    for one in turned:
        dimension, version = one.version.dimension, one.version
        for account_id in one.account_ids:
            first = next((found for found in held[account_id] if found.version_id == version.pk), None)
            if first:
                row = rows.get((dimension.pk, account_id)) or AccountSegment(account_id=account_id, dimension=dimension)
                yield _move(row, first, one.edges.get(account_id, ()), at)


def _rows(turned: Sequence[Turned], account_ids: Collection[int]) -> dict[tuple[int, int], AccountSegment]:
    """(Dimension, account) → where the account is now."""
    dimensions = {one.version.dimension_id: one.version.dimension for one in turned}
    found = AccountSegment.objects.filter(account__in=among(account_ids), dimension__in=dimensions)
    rows = {(row.dimension_id, row.account_id): row for row in found.select_related("segment")}
    for row in rows.values():
        row.dimension = dimensions[row.dimension_id]
    return rows


def _with_a_rhythm(turned: Sequence[Turned], moved: Sequence[Move]) -> set[int]:
    """Those that moved in a dimension that says how often somebody gets in touch: when that is due changes with it."""
    dimensions = {
        one.version.dimension_id
        for one in turned
        if any(segment.check_in_days for segment in one.version.segments.all())
    }
    return {move.row.account_id for move in moved if move.row.dimension_id in dimensions}


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
