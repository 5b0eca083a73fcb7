import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.facts.dates import date_facts
from accounts.foundation import audit
from retention.conditions.check import problems
from retention.evaluation import services as evaluation
from retention.evaluation.models import Edge, Watch
from retention.evaluation.registry import Outcome, outcomes
from retention.evaluation.rules import catalogue
from retention.lifecycle.models import Lifecycle, LifecycleVersion, Stage
from retention.lifecycle.placing import REGISTER, place, watch_key
from retention.raci.models import columns
from retention.raci.parts import Raci
from retention.raci.parts import problems as raci_problems

READER = "lifecycle"
MOST_STAGES = 200
"""Stages of one lifecycle: more than anybody can tell apart."""


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
    check(stages)
    lifecycle = _named(key, name, is_primary=is_primary, by=by, at=at)
    latest = lifecycle.versions.first()
    if latest and drafts_of(latest) == list(stages):
        return latest
    version = LifecycleVersion(
        lifecycle=lifecycle, number=latest.number + 1 if latest else 1, published_at=at, published_by=by
    )
    audit.create(version, verb="lifecycle.publish", by=by, at=at)
    for position, draft in enumerate(stages):
        stage = Stage(version=version, position=position, **columns(draft.raci), **_plain(draft))
        stage.full_clean()
        audit.create(stage, verb="stage.define", by=by, at=at)
    _watch(version, dropped={stage.key for stage in latest.stages.all()} if latest else set(), by=by, at=at)
    return version


def _plain(draft: StageDraft) -> dict[str, Any]:
    return {name: value for name, value in vars(draft).items() if name != "raci"}


def check(stages: Sequence[StageDraft]) -> None:
    """Raises ValidationError naming each field that is wrong: `stages[1].enter.all[0].fact`."""
    if not 0 < len(stages) <= MOST_STAGES:
        raise ValidationError({"stages": f"A lifecycle has at least one stage and at most {MOST_STAGES}."})
    wrong: dict[str, list[str]] = {}
    seen: set[str] = set()
    for number, draft in enumerate(stages):
        if draft.key in seen:
            wrong[f"stages[{number}].key"] = ["Another stage has this key already; choose another one."]
        seen.add(draft.key)
        wrong |= {f"stages[{number}].{name}": texts for name, texts in _wrong_with(draft).items()}
    if wrong:
        raise ValidationError(wrong)


def _wrong_with(draft: StageDraft) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    try:
        Stage(position=0, **_plain(draft)).clean_fields(exclude=["version", "enter", "leave"])
    except ValidationError as error:
        found |= error.message_dict
    for name in ("enter", "leave"):
        if (condition := getattr(draft, name)) is not None:
            for problem in problems(condition, catalogue()):
                found.setdefault(f"{name}{problem.path.removeprefix('$')}", []).append(problem.message)
    if said := raci_problems(draft.raci):
        found["raci"] = [f"{draft.name}: {one}" for one in said.values()]
    days = [one for one in (draft.normal_days, draft.behind_days, draft.stuck_days) if one is not None]
    if days != sorted(days):
        found["stuck_days"] = [f"{draft.name}: let the days rise, usual before behind before stuck."]
    if draft.pace_from and draft.pace_from not in date_facts():
        found["pace_from"] = [f"{draft.name}: {draft.pace_from} is no date of an account."]
    return found


def _named(key: str, name: str, *, is_primary: bool, by: Any, at: dt.datetime) -> Lifecycle:
    lifecycle = Lifecycle.objects.filter(key=key).first()
    if is_primary and (other := Lifecycle.objects.filter(is_primary=True).exclude(key=key).first()):
        raise ValidationError({"is_primary": f"{other.name} is the primary lifecycle already; there is one."})
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
