import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.facts.dates import date_facts
from accounts.foundation import audit
from retention.evaluation import services as evaluation
from retention.evaluation.models import Edge, Watch
from retention.evaluation.registry import Outcome, outcomes
from retention.lifecycle.models import Lifecycle, LifecycleVersion, Stage
from retention.lifecycle.placing import REGISTER, place, watch_key
from retention.raci.models import columns
from retention.raci.parts import Raci
from retention.raci.parts import problems as raci_problems

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
    enter_after_days: int | None = None
    leave_after_days: int | None = None
    raci: Raci = field(default_factory=dict)
    """Function → its part: who answers for accounts in this stage."""
    normal_days: int | None = None
    behind_days: int | None = None
    stuck_days: int | None = None
    pace_from: str = ""
    """The date of the account from which days in the stage count; empty: from entering it."""


@transaction.atomic
def publish(
    *, key: str, name: str, is_primary: bool, stages: Sequence[StageDraft], by: Any, at: dt.datetime
) -> LifecycleVersion:
    """The lifecycle `key` with these stages, in order of precedence; a new version where they differ.

    The accounts that exist are put where they belong silently, with cause *definition*: no play fires.
    """
    lifecycle = _named(key, name, is_primary=is_primary, by=by, at=at)
    latest = lifecycle.versions.first()
    if not stages:
        raise ValidationError({"stages": "A lifecycle has at least one stage."})
    if latest and drafts_of(latest) == list(stages):
        return latest
    version = LifecycleVersion(
        lifecycle=lifecycle, number=latest.number + 1 if latest else 1, published_at=at, published_by=by
    )
    audit.create(version, verb="lifecycle.publish", by=by, at=at)
    for position, draft in enumerate(stages):
        stage = Stage(version=version, position=position, **columns(draft.raci), **_plain(draft))
        _check(stage, draft)
        audit.create(stage, verb="stage.define", by=by, at=at)
    _watch(version, dropped={stage.key for stage in latest.stages.all()} if latest else set(), by=by, at=at)
    return version


def _plain(draft: StageDraft) -> dict[str, Any]:
    return {name: value for name, value in vars(draft).items() if name != "raci"}


def _check(stage: Stage, draft: StageDraft) -> None:
    if found := raci_problems(draft.raci):
        raise ValidationError({"raci": [f"{stage.name}: {said}" for said in found.values()]})
    if stage.pace_from and stage.pace_from not in date_facts():
        raise ValidationError({"pace_from": f"{stage.name}: {stage.pace_from} is no date of an account."})
    stage.full_clean()


def _named(key: str, name: str, *, is_primary: bool, by: Any, at: dt.datetime) -> Lifecycle:
    lifecycle = Lifecycle.objects.filter(key=key).first()
    if lifecycle:
        audit.update(lifecycle, verb="lifecycle.change", by=by, at=at, name=name, is_primary=is_primary)
        return lifecycle
    lifecycle = Lifecycle(key=key, name=name, is_primary=is_primary)
    lifecycle.full_clean()
    return audit.create(lifecycle, verb="lifecycle.create", by=by, at=at)


def drafts_of(version: LifecycleVersion) -> list[StageDraft]:
    """The stages of `version` as an author would write them again."""
    fields = StageDraft.__dataclass_fields__
    return [StageDraft(**{name: getattr(stage, name) for name in fields}) for stage in version.stages.all()]


def _watch(version: LifecycleVersion, *, dropped: set[str], by: Any, at: dt.datetime) -> None:
    stages = list(version.stages.all())
    evaluation.watch(
        [_watched(version, stage) for stage in stages],
        by=by,
        at=at,
        instead_of=[watch_key(version.lifecycle, key) for key in dropped - {stage.key for stage in stages}],
        is_reordered=True,
    )


def _watched(version: LifecycleVersion, stage: Stage) -> evaluation.WatchDraft:
    return evaluation.WatchDraft(
        key=watch_key(version.lifecycle, stage.key),
        reader=READER,
        definition=f"{version.lifecycle.key} version {version.number}",
        decides=REGISTER if version.lifecycle.is_primary else "",
        enter=stage.enter,
        leave=stage.leave,
        enter_after_days=stage.enter_after_days,
        leave_after_days=stage.leave_after_days,
    )


def _follow(edges: Sequence[Edge], at: dt.datetime) -> set[int]:
    """Moves the accounts whose criteria changed to the stage that now holds."""
    by_lifecycle: dict[str, dict[int, list[Edge]]] = {}
    for edge in edges:
        by_lifecycle.setdefault(_lifecycle_of(edge.watch), {}).setdefault(edge.account_id, []).append(edge)
    moved: set[int] = set()
    for key, found in by_lifecycle.items():
        moved |= place(_current(key), found.keys(), edges=found, cause="", at=at)
    return moved


def _settle(watches: Sequence[Watch], account_ids: Collection[int], at: dt.datetime) -> set[int]:
    """Puts accounts silently where the new version of their lifecycle has them."""
    moved: set[int] = set()
    for key in {_lifecycle_of(watch) for watch in watches}:
        moved |= place(_current(key), account_ids, edges={}, cause=Edge.Cause.DEFINITION, at=at)
    return moved


outcomes.add(READER, Outcome(_follow, _settle))


def _lifecycle_of(watch: Watch) -> str:
    _, key, _ = watch.key.split(":")
    return key


def _current(key: str) -> LifecycleVersion:
    return LifecycleVersion.objects.filter(lifecycle__key=key).select_related("lifecycle").latest("number")
