"""`kind: play`: a trigger and the steps that follow."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from accounts.calendar.models import Missed
from plays.definitions.models import Play
from plays.definitions.registry import trigger_kinds
from plays.definitions.services import PlayDraft, StepDraft, current, draft_of, publish
from plays.playbook import shape
from plays.playbook.layout import given, tidy
from plays.playbook.registry import Body, Definition, Facts, Kind, Trouble, kinds
from plays.steps.registry import step_kinds


def check(body: Body, facts: Facts) -> list[Trouble]:
    found = shape.keys(
        body,
        required=["key", "name", "purpose", "class", "trigger", "steps"],
        optional=["again_after_days", "after_stop"],
    )
    found = found or shape.mappings(body["steps"], ".steps")
    if found:
        return found
    found = shape.key(body["key"], ".key") + shape.text(body["name"], ".name", longest=120)
    found += shape.text(body["purpose"], ".purpose") + shape.choice(body["class"], ".class", Play.Priority.values)
    found += _check_trigger(body["trigger"], facts) + shape.days(body.get("again_after_days"), ".again_after_days")
    if body.get("after_stop") is not None:
        found += shape.choice(body["after_stop"], ".after_stop", Missed.values)
    seen: set[str] = set()
    for index, step in enumerate(body["steps"]):
        found += _check_step(step, f".steps[{index}]", seen, facts)
    return found


def _check_trigger(trigger: Any, facts: Facts) -> list[Trouble]:
    kinds_named = [name for name in trigger_kinds if name in trigger] if isinstance(trigger, dict) else []
    if len(kinds_named) != 1:
        return [Trouble(".trigger", "expected `entered` with a condition, or `window`, `event`, `signal` or `cadence`")]
    kind, more = kinds_named[0], ["after_days", "rearmed"] if "entered" in kinds_named else []
    found = shape.keys(trigger, required=[kind], optional=more, path=".trigger")
    troubles = trigger_kinds[kind].check(trigger[kind], facts)
    found += [Trouble(f".trigger.{kind}{one.path}", one.message) for one in troubles]
    found += shape.days(trigger.get("after_days"), ".trigger.after_days")
    if trigger.get("rearmed") is not None:
        found += shape.condition(trigger["rearmed"], ".trigger.rearmed", facts)
    return found


def _check_step(step: Body, path: str, seen: set[str], facts: Facts) -> list[Trouble]:
    if found := shape.choice(step.get("kind"), f"{path}.kind", list(step_kinds)):
        return found
    kind = step_kinds[step["kind"]]
    found = shape.once(step.get("key"), f"{path}.key", seen, what="step")
    return found + [Trouble(path + trouble.path, trouble.message) for trouble in kind.check(_config(step), facts)]


def _config(step: Body) -> Body:
    return {name: value for name, value in step.items() if name not in ("key", "kind")}


def apply(body: Body, by: Any, at: dt.datetime) -> str:
    return f"play {publish(draft_from(body), by=by, at=at)}"


def draft_from(body: Body) -> PlayDraft:
    """The play that a checked file says."""
    trigger = body["trigger"]
    kind = next(name for name in trigger_kinds if name in trigger)
    return PlayDraft(
        key=body["key"],
        name=body["name"],
        purpose=body["purpose"],
        priority=body["class"],
        starts_on=kind,
        trigger=trigger_kinds[kind].meant(trigger[kind]),
        after_stop=body.get("after_stop") or Missed.ONCE,
        rearm=trigger.get("rearmed"),
        trigger_after_days=trigger.get("after_days"),
        again_after_days=body.get("again_after_days"),
        steps=tuple(StepDraft(step["key"], step["kind"], _config(step)) for step in body["steps"]),
    )


def export() -> Iterable[tuple[str, Body]]:
    for play in Play.objects.order_by("key"):
        if version := current(play):
            yield f"plays/{play.key}.yaml", _written(draft_of(version))


def definitions(body: Body) -> list[Definition]:
    return [Definition("play", body["key"], "", _written(draft_from(body)))]


def _written(play: PlayDraft) -> Body:
    body = tidy(play.trigger, trigger_kinds[play.starts_on].fields)
    trigger = given(**{play.starts_on: body}, after_days=play.trigger_after_days, rearmed=tidy(play.rearm))
    return given(
        key=play.key,
        name=play.name,
        purpose=play.purpose,
        **{"class": play.priority},
        trigger=trigger,
        again_after_days=play.again_after_days,
        after_stop=None if play.after_stop == Missed.ONCE else play.after_stop,
        steps=[_step(step) for step in play.steps],
    )


def _step(step: StepDraft) -> Body:
    fields = step_kinds[step.kind].fields if step.kind in step_kinds else ()
    return {"key": step.key, "kind": step.kind, **tidy(step.config, fields)}


kinds.add("play", Kind(order=40, check=check, apply=apply, export=export, definitions=definitions))
