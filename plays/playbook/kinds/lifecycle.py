"""`kind: lifecycle`: stages in order of precedence, with their criteria."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import ValidationError

from accounts.facts.dates import date_facts
from plays.playbook import shape
from plays.playbook.layout import given, tidy
from plays.playbook.registry import Body, Definition, Facts, Kind, Trouble, kinds
from retention.lifecycle.models import Lifecycle
from retention.lifecycle.preview import plan
from retention.lifecycle.services import StageDraft, drafts_of, publish
from retention.lifecycle.services import check as check_stages
from retention.raci.parts import Function, ordered, problems

OPTIONAL = ("passing", "enter_after_days", "leave", "leave_after_days", "raci", "pace")
PACE = {"normal": "normal_days", "behind": "behind_days", "stuck": "stuck_days"}
"""Key of a file → field of a draft."""


def check(body: Body, facts: Facts) -> list[Trouble]:
    found = shape.keys(body, required=["key", "name", "stages"], optional=["primary"])
    found = found or shape.mappings(body["stages"], ".stages")
    if found:
        return found
    found = shape.key(body["key"], ".key") + shape.text(body["name"], ".name", longest=120)
    found += shape.flag(body.get("primary", False), ".primary")
    seen: set[str] = set()
    for index, stage in enumerate(body["stages"]):
        found += _check_stage(stage, f".stages[{index}]", seen, facts)
    return found


def _check_stage(stage: Body, path: str, seen: set[str], facts: Facts) -> list[Trouble]:
    found = shape.keys(stage, required=["key", "name", "meaning", "enter"], optional=OPTIONAL, path=path)
    if found:
        return found
    found = shape.once(stage["key"], f"{path}.key", seen, what="stage")
    found += shape.text(stage["name"], f"{path}.name", longest=120)
    found += shape.text(stage["meaning"], f"{path}.meaning") + shape.condition(stage["enter"], f"{path}.enter", facts)
    if stage.get("leave") is not None:
        found += shape.condition(stage["leave"], f"{path}.leave", facts)
    for name in ("enter_after_days", "leave_after_days"):
        found += shape.days(stage.get(name), f"{path}.{name}")
    found += _check_raci(stage.get("raci"), f"{path}.raci") + _check_pace(stage.get("pace"), f"{path}.pace")
    return found + shape.flag(stage.get("passing", False), f"{path}.passing")


def _check_raci(raci: Any, path: str) -> list[Trouble]:
    if raci is None:
        return []
    if not isinstance(raci, dict) or not raci or not all(isinstance(part, str) for part in raci.values()):
        return [
            Trouble(path, f"expected a function and its part each, such as {{cs: AR}}; {', '.join(Function.values)}")
        ]
    return [Trouble(f"{path}.{name}" if name else path, said) for name, said in problems(raci).items()]


def _check_pace(pace: Any, path: str) -> list[Trouble]:
    if pace is None:
        return []
    if not isinstance(pace, dict) or not pace:
        return [Trouble(path, "expected days: normal, behind, stuck; and from, where a date counts")]
    found = shape.keys(pace, required=[], optional=[*PACE, "from"], path=path)
    for name in PACE:
        if (days := pace.get(name)) is not None and (isinstance(days, bool) or days not in range(shape.MOST_DAYS + 1)):
            found.append(Trouble(f"{path}.{name}", f"expected a whole number of days from 0 to {shape.MOST_DAYS}"))
    known = [] if found else [pace[name] for name in PACE if pace.get(name) is not None]
    if known != sorted(known):
        found.append(Trouble(path, "expected normal, behind and stuck to rise"))
    if pace.get("from") is not None and pace["from"] not in date_facts():
        found.append(Trouble(f"{path}.from", f"expected a date of the product: {', '.join(date_facts())}"))
    return found


def apply(body: Body, by: Any, at: dt.datetime) -> str:
    is_primary = body.get("primary", False)
    other = Lifecycle.objects.filter(is_primary=True).exclude(key=body["key"]).first()
    if is_primary and other:
        raise ValidationError({"primary": f"{other.name} is the primary lifecycle already; there is one"})
    stages = _drafts(body)
    version = publish(key=body["key"], name=body["name"], is_primary=is_primary, stages=stages, by=by, at=at)
    return f"lifecycle {version}"


def asks(body: Body, at: dt.datetime) -> list[Trouble]:
    drafts, lifecycle = _drafts(body), Lifecycle.objects.filter(key=body["key"]).first()
    version = lifecycle.versions.first() if lifecycle else None
    if version and drafts_of(version) == drafts:
        return []
    check_stages(drafts)
    lifecycle = lifecycle or Lifecycle(key=body["key"], name=body["name"])
    return [Trouble("", text) for text in plan(lifecycle, drafts, user=None, at=at).questions]


def _drafts(body: Body) -> list[StageDraft]:
    return [
        StageDraft(
            key=stage["key"],
            name=stage["name"],
            meaning=stage["meaning"],
            enter=stage["enter"],
            leave=stage.get("leave"),
            is_passing=stage.get("passing", False),
            enter_after_days=stage.get("enter_after_days"),
            leave_after_days=stage.get("leave_after_days"),
            raci=ordered(stage.get("raci") or {}),
            **_pace(stage.get("pace") or {}),
        )
        for stage in body["stages"]
    ]


def _pace(pace: Body) -> dict[str, Any]:
    return {field: pace.get(name) for name, field in PACE.items()} | {"pace_from": pace.get("from") or ""}


def export() -> Iterable[tuple[str, Body]]:
    for lifecycle in Lifecycle.objects.order_by("key"):
        if version := lifecycle.versions.first():
            stages = drafts_of(version)
            body = _written(lifecycle.key, lifecycle.name, is_primary=lifecycle.is_primary, stages=stages)
            yield f"lifecycles/{lifecycle.key}.yaml", body


def definitions(body: Body) -> list[Definition]:
    written = _written(body["key"], body["name"], is_primary=body.get("primary", False), stages=_drafts(body))
    return [Definition("lifecycle", body["key"], "", written)]


def _written(key: str, name: str, *, is_primary: bool, stages: Sequence[StageDraft]) -> Body:
    return given(key=key, name=name, primary=is_primary or None, stages=[_stage(stage) for stage in stages])


def _stage(stage: StageDraft) -> Body:
    return given(
        key=stage.key,
        name=stage.name,
        meaning=stage.meaning,
        passing=stage.is_passing or None,
        enter=tidy(stage.enter),
        enter_after_days=stage.enter_after_days,
        leave=tidy(stage.leave),
        leave_after_days=stage.leave_after_days,
        raci=ordered(stage.raci) or None,
        pace=given(**{name: getattr(stage, field) for name, field in PACE.items()}, **{"from": stage.pace_from or None})
        or None,
    )


kinds.add("lifecycle", Kind(order=30, check=check, apply=apply, export=export, definitions=definitions, asks=asks))
