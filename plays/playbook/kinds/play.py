"""`kind: play`: a trigger and the steps that follow."""

import datetime as dt
from typing import Any

from plays.definitions.models import Play
from plays.definitions.services import PlayDraft, StepDraft, publish
from plays.playbook import shape
from plays.playbook.registry import Body, Kind, Trouble, kinds
from plays.steps.registry import step_kinds


def check(body: Body) -> list[Trouble]:
    found = shape.keys(
        body, required=["key", "name", "purpose", "class", "trigger", "steps"], optional=["again_after_days"]
    )
    found = found or shape.mappings(body["steps"], ".steps")
    if found:
        return found
    found = shape.key(body["key"], ".key") + shape.text(body["name"], ".name", longest=120)
    found += shape.text(body["purpose"], ".purpose") + shape.choice(body["class"], ".class", Play.Priority.values)
    found += _check_trigger(body["trigger"]) + _check_again(body.get("again_after_days"))
    seen: set[str] = set()
    for index, step in enumerate(body["steps"]):
        found += _check_step(step, f".steps[{index}]", seen)
    return found


def _check_trigger(trigger: Any) -> list[Trouble]:
    if not isinstance(trigger, dict) or trigger.keys() != {"entered"}:
        return [Trouble(".trigger", "expected `entered` with a condition")]
    return shape.condition(trigger["entered"], ".trigger.entered")


def _check_again(days: Any) -> list[Trouble]:
    if days is None or (isinstance(days, int) and not isinstance(days, bool) and 0 < days <= 3650):
        return []
    return [Trouble(".again_after_days", "expected a whole number of days from 1 to 3650")]


def _check_step(step: Body, path: str, seen: set[str]) -> list[Trouble]:
    if found := shape.choice(step.get("kind"), f"{path}.kind", list(step_kinds)):
        return found
    kind = step_kinds[step["kind"]]
    found = shape.once(step.get("key"), f"{path}.key", seen, what="step")
    return found + [Trouble(path + trouble.path, trouble.message) for trouble in kind.check(_config(step))]


def _config(step: Body) -> Body:
    return {name: value for name, value in step.items() if name not in ("key", "kind")}


def apply(body: Body, by: Any, at: dt.datetime) -> str:
    draft = PlayDraft(
        key=body["key"],
        name=body["name"],
        purpose=body["purpose"],
        priority=body["class"],
        trigger=body["trigger"]["entered"],
        again_after_days=body.get("again_after_days"),
        steps=tuple(StepDraft(step["key"], step["kind"], _config(step)) for step in body["steps"]),
    )
    return f"play {publish(draft, by=by, at=at)}"


kinds.add("play", Kind(order=40, check=check, apply=apply))
