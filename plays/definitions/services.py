import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.calendar.models import Missed
from accounts.foundation import audit
from plays.definitions.models import Play, PlayVersion, StepDefinition
from plays.definitions.registry import trigger_kinds


@dataclass(frozen=True)
class StepDraft:
    """One step as an author writes it."""

    key: str
    kind: str
    config: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class PlayDraft:
    """A play as an author writes it."""

    key: str
    name: str
    purpose: str
    priority: str
    trigger: dict[str, Any]
    again_after_days: int | None
    steps: Sequence[StepDraft]
    rearm: dict[str, Any] | None = None
    trigger_after_days: int | None = None
    starts_on: str = "entered"
    """The kind of the trigger, and with it the shape of `trigger`."""
    after_stop: str = Missed.ONCE
    """What becomes of occurrences that are a day old, or older, when they are decided about."""


@transaction.atomic
def publish(draft: PlayDraft, *, by: Any, at: dt.datetime) -> PlayVersion:
    """The play as `draft` says; a new version where it differs from the latest.

    An active play is watched with its new trigger at once; the accounts that match it already start nothing.
    """
    play = _named(draft, by=by, at=at)
    latest = current(play)
    if latest and draft_of(latest) == draft:
        return latest
    if trouble := trigger_kinds[draft.starts_on].missing(draft.trigger):
        raise ValidationError({"trigger": trouble})
    version = PlayVersion(
        play=play,
        number=latest.number + 1 if latest else 1,
        purpose=draft.purpose,
        priority=draft.priority,
        starts_on=draft.starts_on,
        trigger=draft.trigger,
        after_stop=draft.after_stop,
        rearm=draft.rearm,
        trigger_after_days=draft.trigger_after_days,
        again_after_days=draft.again_after_days,
        published_at=at,
        published_by=by,
    )
    version.full_clean()
    audit.create(version, verb="play.publish", by=by, at=at)
    for position, step in enumerate(draft.steps):
        row = StepDefinition(version=version, position=position, key=step.key, kind=step.kind, config=step.config)
        row.full_clean(exclude=["config"])
        audit.create(row, verb="step.define", by=by, at=at)
    if play.is_active:
        if latest and latest.starts_on != version.starts_on:
            trigger_kinds[latest.starts_on].forget(play, by, at)
        trigger_kinds[version.starts_on].follow(version, by, at)
    return version


def _named(draft: PlayDraft, *, by: Any, at: dt.datetime) -> Play:
    play = Play.objects.filter(key=draft.key).first()
    if play:
        audit.update(play, verb="play.rename", by=by, at=at, name=draft.name)
        return play
    play = Play(key=draft.key, name=draft.name)
    play.full_clean()
    return audit.create(play, verb="play.create", by=by, at=at)


def current(play: Play) -> PlayVersion | None:
    """The version that new runs of `play` follow."""
    return play.versions.select_related("play").first()


def draft_of(version: PlayVersion) -> PlayDraft:
    """`version` as an author would write it again."""
    return PlayDraft(
        key=version.play.key,
        name=version.play.name,
        purpose=version.purpose,
        priority=version.priority,
        starts_on=version.starts_on,
        trigger=version.trigger,
        after_stop=version.after_stop,
        rearm=version.rearm,
        trigger_after_days=version.trigger_after_days,
        again_after_days=version.again_after_days,
        steps=tuple(StepDraft(step.key, step.kind, step.config) for step in version.steps.all()),
    )


@transaction.atomic
def activate(play: Play, *, by: Any, at: dt.datetime) -> Play:
    """Watches the play's trigger from now on; accounts that match already start nothing."""
    version = current(play)
    if version is None:
        raise ValidationError({"play": f"{play} has no published version yet."})
    if not play.is_active:
        audit.update(play, verb="play.activate", by=by, at=at, is_active=True, activated_at=at)
        trigger_kinds[version.starts_on].follow(version, by, at)
    return play


@transaction.atomic
def deactivate(play: Play, *, by: Any, at: dt.datetime) -> Play:
    """Stops watching; runs that are open go on."""
    version = current(play)
    if audit.update(play, verb="play.deactivate", by=by, at=at, is_active=False) and version:
        trigger_kinds[version.starts_on].forget(play, by, at)
    return play
