"""What a play would do as it is written, before anybody publishes it. Writes nothing."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from accounts.foundation.many import among
from accounts.portfolio.models import AccountMember
from accounts.team.models import User
from plays.definitions.models import Play, PlayVersion
from plays.definitions.registry import trigger_kinds
from plays.definitions.services import PlayDraft, StepDraft, draft_of
from plays.triggers.preview import Preview, preview

SHOWN = 8
NOBODY = "nobody yet: the operator"


@dataclass(frozen=True)
class Load:
    """One step, and who would be given how many tasks by it."""

    title: str
    people: Sequence[tuple[str, int]]
    more: int = 0
    """Tasks of further people, who are not named."""


@dataclass(frozen=True)
class PlayPlan:
    """For whom the play would start, what that makes for people, and what differs from the version in force."""

    starts: Preview
    words: str
    sentence: str
    loads: Sequence[Load]
    changes: Sequence[str]
    number: int
    """Of the version that publishing makes."""


def plan(draft: PlayDraft, version: PlayVersion | None, *, user: Any, at: dt.datetime) -> PlayPlan:
    """What publishing `draft` would do, among the accounts that `user` may see."""
    written = _unsaved(draft, version)
    found = preview(written, user=user, at=at)
    count = "1 account" if found.count == 1 else f"{found.count} accounts" if found.count else "no account"
    return PlayPlan(
        starts=found,
        words=trigger_kinds[draft.starts_on].words(written),
        sentence=found.sentence.format(count),
        loads=_loads(draft.steps, found.ids),
        changes=_changes(draft_of(version), draft) if version else [],
        number=version.number + 1 if version else 1,
    )


def _unsaved(draft: PlayDraft, version: PlayVersion | None) -> PlayVersion:
    play = version.play if version else Play(key=draft.key, name=draft.name)
    names = ("purpose", "priority", "starts_on", "trigger", "rearm", "trigger_after_days", "again_after_days")
    return PlayVersion(play=play, **{name: getattr(draft, name) for name in names}, after_stop=draft.after_stop)


def _loads(steps: Iterable[StepDraft], account_ids: Sequence[int]) -> list[Load]:
    """The tasks of each step by person; two statements, however many steps and accounts."""
    tasks = [step for step in steps if step.kind == "human_task"]
    if not tasks or not account_ids:
        return []
    parts = {step.config["owner"] for step in tasks}
    rows = AccountMember.objects.filter(part__in=parts, account__in=among(account_ids), user__is_active=True)
    held = list(rows.order_by().values_list("part", "user").annotate(Count("pk")))
    names = {pk: str(user) for pk, user in User.objects.in_bulk({pk for _, pk, _ in held}).items()}
    return [_load(step, held, names, len(account_ids)) for step in tasks]


def _load(step: StepDraft, held: list[tuple[str, int, int]], names: dict[int, str], total: int) -> Load:
    people = [(names[user], count) for part, user, count in held if part == step.config["owner"]]
    people.sort(key=lambda one: (-one[1], one[0]))
    vacant = total - sum(count for _, count in people)
    shown = people[:SHOWN] + ([(NOBODY, vacant)] if vacant else [])
    return Load(step.config["title"], shown, sum(count for _, count in people[SHOWN:]))


def _changes(before: PlayDraft, after: PlayDraft) -> list[str]:
    labels = {"name": "its name", "purpose": "its purpose", "priority": "its class"}
    found = [label for name, label in labels.items() if getattr(before, name) != getattr(after, name)]
    when = ("starts_on", "trigger", "rearm", "trigger_after_days")
    if any(getattr(before, name) != getattr(after, name) for name in when):
        found.append("when it starts")
    if before.again_after_days != after.again_after_days:
        found.append("when it may start again")
    if before.after_stop != after.after_stop:
        found.append("what becomes of what was missed")
    return found + _step_changes(before.steps, after.steps)


def _step_changes(before: Sequence[StepDraft], after: Sequence[StepDraft]) -> list[str]:
    old, new = {step.key: step for step in before}, {step.key: step for step in after}
    found = [f"a new step, “{_title(step)}”" for key, step in new.items() if key not in old]
    found += [f"no step “{_title(step)}” any more" for key, step in old.items() if key not in new]
    found += [f"the step “{_title(step)}”" for key, step in new.items() if key in old and old[key] != step]
    if [key for key in old if key in new] != [key for key in new if key in old]:
        found.append("the order of its steps")
    return found


def _title(step: StepDraft) -> str:
    return str(step.config.get("title", step.key)).replace("{account}", "…")
