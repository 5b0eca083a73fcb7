import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from accounts.facts.queries import LIFECYCLE, known_accounts
from accounts.facts.services import set_register
from accounts.foundation import audit
from accounts.portfolio.events import happened
from accounts.portfolio.models import Account
from retention.evaluation import services as evaluation
from retention.evaluation.models import Edge, Watch
from retention.evaluation.queries import true_watches
from retention.evaluation.registry import outcomes
from retention.lifecycle.models import AccountStage, Lifecycle, LifecycleVersion, Stage, StageChange

READER = "lifecycle"


@dataclass(frozen=True)
class StageDraft:
    """One stage as an author writes it."""

    key: str
    name: str
    meaning: str
    enter: dict[str, Any]
    leave: dict[str, Any] | None
    is_passing: bool


def watch_key(lifecycle: Lifecycle, stage_key: str) -> str:
    """The key under which a stage's criteria are watched."""
    return f"stage:{lifecycle.key}:{stage_key}"


@transaction.atomic
def publish(
    *, key: str, name: str, is_primary: bool, stages: Sequence[StageDraft], by: Any, at: dt.datetime
) -> LifecycleVersion:
    """The lifecycle `key` with these stages, in order of precedence; a new version where they differ.

    The accounts that exist are put where they belong silently, with cause *definition*: no play fires.
    """
    lifecycle = _named(key, name, is_primary=is_primary, by=by, at=at)
    latest = lifecycle.versions.first()
    if latest and _drafts(latest) == list(stages):
        return latest
    version = LifecycleVersion(
        lifecycle=lifecycle, number=latest.number + 1 if latest else 1, published_at=at, published_by=by
    )
    audit.create(version, verb="lifecycle.publish", by=by, at=at)
    for position, draft in enumerate(stages):
        stage = Stage(version=version, position=position, **vars(draft))
        stage.full_clean()
        audit.create(stage, verb="stage.define", by=by, at=at)
    _watch(version, dropped={stage.key for stage in latest.stages.all()} if latest else set(), by=by, at=at)
    for ids in known_accounts(chunk=500):
        _place(version, ids, edges={}, cause=Edge.Cause.DEFINITION, at=at)
    return version


def _named(key: str, name: str, *, is_primary: bool, by: Any, at: dt.datetime) -> Lifecycle:
    lifecycle = Lifecycle.objects.filter(key=key).first()
    if lifecycle:
        audit.update(lifecycle, verb="lifecycle.change", by=by, at=at, name=name, is_primary=is_primary)
        return lifecycle
    lifecycle = Lifecycle(key=key, name=name, is_primary=is_primary)
    lifecycle.full_clean()
    return audit.create(lifecycle, verb="lifecycle.create", by=by, at=at)


def _drafts(version: LifecycleVersion) -> list[StageDraft]:
    fields = StageDraft.__dataclass_fields__
    return [StageDraft(**{name: getattr(stage, name) for name in fields}) for stage in version.stages.all()]


def _watch(version: LifecycleVersion, *, dropped: set[str], by: Any, at: dt.datetime) -> None:
    for stage in version.stages.all():
        dropped.discard(stage.key)
        evaluation.watch(
            key=watch_key(version.lifecycle, stage.key),
            reader=READER,
            definition=f"{version.lifecycle.key} version {version.number}",
            enter=stage.enter,
            leave=stage.leave,
            by=by,
            at=at,
        )
    for key in dropped:
        evaluation.unwatch(key=watch_key(version.lifecycle, key), by=by, at=at)


@outcomes.register(READER)
def follow(edges: Sequence[Edge], at: dt.datetime) -> None:
    """Moves the accounts whose criteria changed to the stage that now holds. Part of the pass."""
    by_lifecycle: dict[str, dict[int, list[Edge]]] = {}
    for edge in edges:
        _, key, _ = edge.watch.key.split(":")
        by_lifecycle.setdefault(key, {}).setdefault(edge.account_id, []).append(edge)
    for key, found in by_lifecycle.items():
        version = LifecycleVersion.objects.filter(lifecycle__key=key).select_related("lifecycle").first()
        if version:
            _place(version, found.keys(), edges=found, cause="", at=at)


def _place(
    version: LifecycleVersion,
    account_ids: Iterable[int],
    *,
    edges: Mapping[int, Sequence[Edge]],
    cause: str,
    at: dt.datetime,
) -> None:
    """Puts each account into the last stage of `version` whose watch is true for it."""
    stages = list(version.stages.all())
    keys = {watch_key(version.lifecycle, stage.key): stage for stage in stages}
    watches = list(Watch.objects.filter(key__in=keys))
    true = true_watches(account_ids, watches=watches)
    standing = {
        row.account_id: row
        for row in AccountStage.objects.filter(account__in=true, lifecycle=version.lifecycle).select_related(
            "stage", "reached", "lifecycle"
        )
    }
    accounts = Account.objects.in_bulk(list(true))
    for account_id, ids in true.items():
        holding = sorted((keys[watch.key] for watch in watches if watch.pk in ids), key=lambda stage: stage.position)
        row = standing.get(account_id) or AccountStage(
            account=accounts[account_id], lifecycle=version.lifecycle, since=at
        )
        edge = _telling(edges.get(account_id, ()), row, holding)
        _move(row, holding, edge=edge, cause=edge.cause if edge else cause, at=at)


def _telling(edges: Sequence[Edge], row: AccountStage, holding: list[Stage]) -> Edge | None:
    """Of the edges of one account, the one that explains its move: of the stage entered, else of the one left."""
    by_key = {edge.watch.key: edge for edge in edges}
    for stage in (holding[-1] if holding else None, row.stage):
        if stage and (edge := by_key.get(watch_key(row.lifecycle, stage.key))):
            return edge
    return edges[-1] if edges else None


def _move(row: AccountStage, holding: list[Stage], *, edge: Edge | None, cause: str, at: dt.datetime) -> None:
    """Sets the stage of one account, and records the change where it is one."""
    before, stage = row.stage, holding[-1] if holding else None
    reached = next((stage for stage in reversed(holding) if not stage.is_passing), None)
    is_new = (before.key if before else None) != (stage.key if stage else None)
    row.stage, row.reached = stage, reached or (row.reached if stage and stage.is_passing else None)
    row.since = at if is_new else row.since
    row.save()
    if not is_new:
        return
    change = StageChange.objects.create(
        account=row.account, lifecycle=row.lifecycle, from_stage=before, to_stage=stage, at=at, cause=cause, edge=edge
    )
    if row.lifecycle.is_primary:
        set_register(row.account, "stage", stage.key if stage else None, source=LIFECYCLE, at=at)
    if cause != Edge.Cause.DEFINITION:
        happened(
            "stage.changed",
            row.account,
            by=None,
            at=at,
            subject=change,
            **{"from": before.name if before else "", "to": stage.name if stage else ""},
        )
