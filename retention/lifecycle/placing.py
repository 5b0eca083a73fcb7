"""Putting accounts into the stages whose criteria hold, many at a time."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from accounts.facts.queries import LIFECYCLE
from accounts.facts.services import set_registers
from accounts.portfolio.events import Happening, happened_to_many
from accounts.portfolio.models import Account
from retention.evaluation.models import Edge, Watch
from retention.evaluation.queries import true_watches
from retention.lifecycle.models import AccountStage, Lifecycle, LifecycleVersion, Stage, StageChange

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
) -> set[int]:
    """Puts each account into the last stage of `version` whose watch is true for it.

    Returns those whose stage in the primary lifecycle became another one.
    """
    rows = _rows(version.lifecycle, account_ids, at=at)
    moves = [
        _move(rows[account_id], holding, edges.get(account_id, ()), at=at)
        for account_id, holding in _holding(version, account_ids).items()
    ]
    _store([move.row for move in moves])
    moved = [move for move in moves if move.is_new]
    _record(moved, cause=cause, at=at)
    if not moved or not version.lifecycle.is_primary:
        return set()
    stages = {move.row.account_id: _key(move.row.stage) for move in moved}
    set_registers(REGISTER, stages, source=LIFECYCLE, at=at)
    return set(stages)


def _key(stage: Stage | None) -> str | None:
    return stage.key if stage else None


def _holding(version: LifecycleVersion, account_ids: Collection[int]) -> dict[int, list[Stage]]:
    """Account id → the stages whose watch is true for it, in order of precedence."""
    keys = {watch_key(version.lifecycle, stage.key): stage for stage in version.stages.all()}
    watches = {watch.pk: keys[watch.key] for watch in Watch.objects.filter(key__in=keys)}
    true = true_watches(account_ids, watches=Watch.objects.filter(pk__in=watches))
    return {
        account_id: sorted((watches[pk] for pk in ids), key=lambda stage: stage.position)
        for account_id, ids in true.items()
    }


def _rows(lifecycle: Lifecycle, account_ids: Collection[int], *, at: dt.datetime) -> dict[int, AccountStage]:
    """Account id → its row in the lifecycle, not stored yet where it is new."""
    found = AccountStage.objects.filter(account__in=account_ids, lifecycle=lifecycle)
    rows = {row.account_id: row for row in found.select_related("stage", "reached", "account", "lifecycle")}
    for account in Account.objects.filter(pk__in=set(account_ids) - rows.keys()):
        rows[account.pk] = AccountStage(account=account, lifecycle=lifecycle, since=at)
    return rows


def _move(row: AccountStage, holding: Sequence[Stage], edges: Sequence[Edge], *, at: dt.datetime) -> Move:
    """Sets the stage of one account. A passing stage stands on top of the one reached, and keeps it."""
    stage = holding[-1] if holding else None
    move = Move(row, row.stage, _telling(edges, row, stage))
    reached = next((one for one in reversed(holding) if not one.is_passing), None)
    row.stage, row.reached = stage, reached or (row.reached if stage and stage.is_passing else None)
    if move.is_new:
        row.since = at
    return move


def _telling(edges: Sequence[Edge], row: AccountStage, entered: Stage | None) -> Edge | None:
    """Of the edges of one account, the one that explains its move: of the stage entered, else of the one left."""
    by_key = {edge.watch.key: edge for edge in edges}
    for stage in (entered, row.stage):
        if stage and (edge := by_key.get(watch_key(row.lifecycle, stage.key))):
            return edge
    return edges[-1] if edges else None


def _store(rows: Sequence[AccountStage]) -> None:
    AccountStage.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["account", "lifecycle"],
        update_fields=["stage", "reached", "since"],
        batch_size=200,
    )


def _record(moved: Sequence[Move], *, cause: str, at: dt.datetime) -> None:
    """Writes the changes, and tells of those that the customer caused: a rule that was edited is no news."""
    changes = [
        StageChange(
            account=move.row.account,
            lifecycle=move.row.lifecycle,
            from_stage=move.before,
            to_stage=move.row.stage,
            at=at,
            cause=move.edge.cause if move.edge else cause,
            edge=move.edge,
        )
        for move in moved
    ]
    StageChange.objects.bulk_create(changes, batch_size=200)
    told = [
        Happening(change.account, change, {"from": _name(change.from_stage), "to": _name(change.to_stage)})
        for change in changes
        if change.cause != Edge.Cause.DEFINITION
    ]
    happened_to_many("stage.changed", told, by=None, at=at)


def _name(stage: Stage | None) -> str:
    return stage.name if stage else ""
