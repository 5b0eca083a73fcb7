"""`kind: lifecycle`: stages in order of precedence, with their criteria."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError

from plays.playbook import shape
from plays.playbook.registry import Body, Kind, Trouble, kinds
from retention.lifecycle.models import Lifecycle
from retention.lifecycle.services import StageDraft, publish


def check(body: Body) -> list[Trouble]:
    found = shape.keys(body, required=["key", "name", "stages"], optional=["primary"])
    found = found or shape.mappings(body["stages"], ".stages")
    if found:
        return found
    found = shape.key(body["key"], ".key") + shape.text(body["name"], ".name", longest=120)
    found += shape.flag(body.get("primary", False), ".primary")
    seen: set[str] = set()
    for index, stage in enumerate(body["stages"]):
        found += _check_stage(stage, f".stages[{index}]", seen)
    return found


def _check_stage(stage: Body, path: str, seen: set[str]) -> list[Trouble]:
    found = shape.keys(stage, required=["key", "name", "meaning", "enter"], optional=["leave", "passing"], path=path)
    if found:
        return found
    found = shape.once(stage["key"], f"{path}.key", seen, what="stage")
    found += shape.text(stage["name"], f"{path}.name", longest=120)
    found += shape.text(stage["meaning"], f"{path}.meaning") + shape.condition(stage["enter"], f"{path}.enter")
    if stage.get("leave") is not None:
        found += shape.condition(stage["leave"], f"{path}.leave")
    return found + shape.flag(stage.get("passing", False), f"{path}.passing")


def apply(body: Body, by: Any, at: dt.datetime) -> str:
    is_primary = body.get("primary", False)
    other = Lifecycle.objects.filter(is_primary=True).exclude(key=body["key"]).first()
    if is_primary and other:
        raise ValidationError({"primary": f"{other.name} is the primary lifecycle already; there is one"})
    stages = [
        StageDraft(
            key=stage["key"],
            name=stage["name"],
            meaning=stage["meaning"],
            enter=stage["enter"],
            leave=stage.get("leave"),
            is_passing=stage.get("passing", False),
        )
        for stage in body["stages"]
    ]
    version = publish(key=body["key"], name=body["name"], is_primary=is_primary, stages=stages, by=by, at=at)
    return f"lifecycle {version}"


kinds.add("lifecycle", Kind(order=30, check=check, apply=apply))
