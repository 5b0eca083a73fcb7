"""Putting accounts into the stages whose criteria hold, many at a time."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from accounts.facts.queries import LIFECYCLE
from accounts.facts.services import set_registers
from accounts.foundation import many
from accounts.foundation.many import among
from accounts.portfolio.events import happened_to_many
from retention.evaluation.models import Edge
from retention.evaluation.placing import happenings, holding, telling
from retention.lifecycle import placements
from retention.lifecycle.models import AccountStage, Lifecycle, LifecycleVersion, Stage, StageChange, StagePlacement

REGISTER = "stage"
"""The fact that says where an account stands in the primary lifecycle."""


def watch_key(lifecycle: Lifecycle, stage_key: str) -> str:
    """The key under which a stage's criteria are watched."""
    return f"stage:{lifecycle.key}:{stage_key}"


@dataclass
class Move:
    """What becomes of one account: its row as it will be, and the stage it was in."""

    row: AccountStage
    before: Stage | None
    edge: Edge | None
    placement: StagePlacement | None = None
    is_news: bool = True
    """Whether the row becomes another one: a new version has other stages, even where they are called the same."""

    @property
    def is_new(self) -> bool:
        """Whether it is in another stage now; a new version of the same stage is none."""
        return _key(self.before) != _key(self.row.stage)


def place(
    version: LifecycleVersion,
    account_ids: Collection[int],
    *,
    edges: Mapping[int, Sequence[Edge]],
    cause: str,
    at: dt.datetime,
    mover: Any = None,
) -> set[int]:
    """Puts each account into the last stage of `version` whose watch is true for it, or where a person put it.

    Returns those whose stage in the primary lifecycle became another one.
    """
    rows = _rows(version.lifecycle, account_ids, at=at)
    placed = placements.open_of(version.lifecycle, account_ids)
    moves = []
    for account_id, stages_held in _holding(version, account_ids).items():
        kept = placements.still_holds(placed.get(account_id), version, stages_held[-1] if stages_held else None, at=at)
        moves.append(_move(rows[account_id], stages_held, edges.get(account_id, ()), kept=kept, at=at))
    many.put(AccountStage, ["stage_id", "reached_id", "since"], [move.row for move in moves if move.is_news])
    moved = [move for move in moves if move.is_new]
    _record(moved, cause=cause, at=at, mover=mover)
    if not moved or not version.lifecycle.is_primary:
        return set()
    stages = {move.row.account_id: _key(move.row.stage) for move in moved}
    set_registers({REGISTER: stages}, source=LIFECYCLE, at=at)
    return set(stages)


def _key(stage: Stage | None) -> str | None:
    return stage.key if stage else None


def _holding(version: LifecycleVersion, account_ids: Collection[int]) -> dict[int, list[Stage]]:
    """Account id → the stages whose watch is true for it, in order of precedence."""
    stages = {watch_key(version.lifecycle, stage.key): stage for stage in version.stages.all()}
    return holding(account_ids, stages)


def criteria_of(version: LifecycleVersion, account_id: int) -> Stage | None:
    """The stage in which the criteria alone have an account."""
    return next(reversed(_holding(version, [account_id])[account_id]), None)


def _rows(lifecycle: Lifecycle, account_ids: Collection[int], *, at: dt.datetime) -> dict[int, AccountStage]:
    """Account id → its row in the lifecycle, not stored yet where it is new."""
    found = list(AccountStage.objects.filter(account__in=among(account_ids), lifecycle=lifecycle))
    stages = Stage.objects.in_bulk({pk for row in found for pk in (row.stage_id, row.reached_id) if pk})
    rows = {row.account_id: row for row in found}
    for row in found:
        row.lifecycle = lifecycle
        row.stage, row.reached = (stages[pk] if pk else None for pk in (row.stage_id, row.reached_id))
    new = (AccountStage(account_id=pk, lifecycle=lifecycle, since=at) for pk in set(account_ids) - rows.keys())
    return rows | {row.account_id: row for row in new}


def _move(
    row: AccountStage, holding: Sequence[Stage], edges: Sequence[Edge], *, kept: placements.Kept | None, at: dt.datetime
) -> Move:
    """Sets the stage of one account. A passing stage stands on top of the one reached, and keeps it."""
    stage = kept.stage if kept else holding[-1] if holding else None
    before = (row.stage_id, row.reached_id)
    move = Move(row, row.stage, _telling(edges, row, stage), kept.placement if kept else None)
    counting = [*holding, kept.stage] if kept else holding
    reached = next((one for one in reversed(counting) if not one.is_passing), None)
    row.stage, row.reached = stage, reached or (row.reached if stage and stage.is_passing else None)
    if move.is_new:
        row.since = at
    move.is_news = row.pk is None or (row.stage_id, row.reached_id) != before
    return move


def _telling(edges: Sequence[Edge], row: AccountStage, entered: Stage | None) -> Edge | None:
    """Of the edges of one account, the one that explains its move: of the stage entered, else of the one left."""
    return telling(edges, [watch_key(row.lifecycle, stage.key) for stage in (entered, row.stage) if stage])


def _record(moved: Sequence[Move], *, cause: str, at: dt.datetime, mover: Any) -> None:
    """Writes the changes, and tells of those in the primary lifecycle that the customer or a person caused.

    A rule that was edited is no news, and other lifecycles are for reports: what happened is told once.
    """
    changes = [
        StageChange(
            account_id=move.row.account_id,
            lifecycle=move.row.lifecycle,
            from_stage=move.before,
            to_stage=move.row.stage,
            at=at,
            cause=StageChange.HAND if move.placement else move.edge.cause if move.edge else cause or Edge.Cause.TIME,
            placement=move.placement,
            edge=None if move.placement else move.edge,
        )
        for move in moved
    ]
    many.insert(StageChange, changes)
    told = [
        (change, {"from": _name(change.from_stage), "to": _name(change.to_stage)})
        for change in changes
        if change.cause != Edge.Cause.DEFINITION and change.lifecycle.is_primary
    ]
    happened_to_many("stage.changed", happenings(told), by=mover, at=at)


def _name(stage: Stage | None) -> str:
    return stage.name if stage else ""
