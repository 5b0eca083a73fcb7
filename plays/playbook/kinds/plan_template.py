"""`kind: plan_template`: what success plans, integration paths, task lists and agendas are made from."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import fields
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError

from plays.playbook import shape
from plays.playbook.layout import given
from plays.playbook.registry import Body, Definition, Facts, Kind, Trouble, kinds
from retention.success_plans import content, templates
from retention.success_plans.template_models import PlanTemplate

REQUIRED = ("key", "name", "type")
LISTS = ("use_cases", "titles", "stacks")
FLAGS = ("fallback", "on_won")
OPTIONAL = ("meaning", "basis", "precedence", *LISTS, *FLAGS, *content.PARTS)
OTHERWISE = {"shared": "is_shared"}
"""What the file calls a field otherwise than the draft."""


def check(body: Body, facts: Facts) -> list[Trouble]:
    found = shape.keys(body, required=REQUIRED, optional=OPTIONAL)
    if found:
        return found
    found = shape.key(body["key"], ".key") + shape.text(body["name"], ".name", longest=120)
    found += shape.choice(body["type"], ".type", PlanTemplate.Kind.values)
    if body.get("meaning") is not None:
        found += shape.text(body["meaning"], ".meaning")
    if body.get("basis") is not None:
        found += shape.choice(body["basis"], ".basis", ("published", "practice"))
    if body.get("precedence") is not None:
        found += _precedence(body["precedence"])
    for name in FLAGS:
        found += shape.flag(body.get(name, False), f".{name}")
    for name in LISTS:
        found += _words(body.get(name), f".{name}")
    for name in content.PARTS:
        found += _rows(body.get(name), name)
    return found or _whole(body) + _measured(body, facts)


def _precedence(value: Any) -> list[Trouble]:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 1000:
        return []
    return [Trouble(".precedence", "expected a whole number from 0 to 1000")]


def _words(value: Any, path: str) -> list[Trouble]:
    if value is None or isinstance(value, list) and all(isinstance(one, str) and one.strip() for one in value):
        return []
    return [Trouble(path, "expected a list of words")]


def _rows(rows: Any, name: str) -> list[Trouble]:
    if rows is None:
        return []
    if found := shape.mappings(rows, f".{name}"):
        return found
    draft = content.PARTS[name]
    known = [_in_file(one.name) for one in fields(draft)]
    first = ["title"] if name == "agenda" else ["key", "goal" if name == "objectives" else "title"]
    for index, row in enumerate(rows):
        path = f".{name}[{index}]"
        found += shape.keys(row, required=first, optional=known, path=path)
        found += [trouble for key, value in row.items() for trouble in _value(key, value, f"{path}.{key}")]
    return found


def _value(key: str, value: Any, path: str) -> list[Trouble]:
    if value is None:
        return [Trouble(path, "expected a value; leave the key out where there is none")]
    if key == "shared":
        return shape.flag(value, path)
    if key in ("minutes", "repeat_days", "times", "alert_percent", "every_weeks"):
        is_number = isinstance(value, int) and not isinstance(value, bool)
        return [] if is_number else [Trouble(path, "expected a whole number")]
    if key in ("baseline", "target"):
        is_number = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 10**12
        return [] if is_number else [Trouble(path, "expected a number")]
    return [] if isinstance(value, str) and value.strip() else [Trouble(path, "expected some text")]


def _whole(body: Body) -> list[Trouble]:
    """What the room itself has to say about it."""
    draft = _draft(body)
    try:
        templates.check_draft(draft)
    except ValidationError as refused:
        return [Trouble(f".{_path(name)}", " ".join(texts)) for name, texts in refused.message_dict.items()]
    return []


def _measured(body: Body, facts: Facts) -> list[Trouble]:
    return [
        Trouble(f".objectives[{index}].fact", f"there is no fact called {row['fact']}")
        for index, row in enumerate(body.get("objectives") or [])
        if row.get("fact") and row["fact"] not in facts
    ]


def _path(name: str) -> str:
    return name.replace("is_shared", "shared").replace("is_fallback", "fallback")


def _in_file(name: str) -> str:
    return {"is_shared": "shared"}.get(name, name)


def _draft(body: Body) -> templates.TemplateDraft:
    rows = {
        name: [
            {OTHERWISE.get(key, key): _read(key, value) for key, value in row.items()} for row in body.get(name) or []
        ]
        for name in content.PARTS
    }
    return templates.TemplateDraft(
        key=body["key"],
        name=body["name"],
        kind=body["type"],
        meaning=body.get("meaning") or "",
        basis=body.get("basis") or "",
        precedence=body["precedence"] if body.get("precedence") is not None else 50,
        **{name: list(body.get(name) or []) for name in LISTS},
        is_fallback=body.get("fallback", False),
        on_won=body.get("on_won", False),
        content=content.read(rows),
    )


def _read(key: str, value: Any) -> Any:
    return f"{Decimal(str(value)).normalize():f}" if key in ("baseline", "target") else value


def apply(body: Body, by: Any, at: dt.datetime) -> str:
    return f"plan template {templates.publish(_draft(body), by=by, at=at)}"


def export() -> Iterable[tuple[str, Body]]:
    for template in templates.with_latest().order_by("key"):
        if version := next(iter(template.versions.all()), None):
            yield f"success_plans/{template.key}.yaml", _written(templates.draft_of(template, version))


def definitions(body: Body) -> list[Definition]:
    return [Definition("plan template", body["key"], "", _written(_draft(body)))]


def _written(draft: templates.TemplateDraft) -> Body:
    said = draft.content.as_json()
    return given(
        key=draft.key,
        name=draft.name,
        type=draft.kind,
        meaning=draft.meaning or None,
        basis=draft.basis or None,
        precedence=draft.precedence if draft.precedence != 50 else None,
        **{name: list(getattr(draft, name)) or None for name in LISTS},
        fallback=draft.is_fallback or None,
        on_won=draft.on_won or None,
        **{name: [_row(row) for row in said[name]] if name in said else None for name in content.PARTS},
    )


def _row(row: Body) -> Body:
    return {_in_file(key): _number(value) if key in ("baseline", "target") else value for key, value in row.items()}


def _number(text: str) -> int | float:
    value = Decimal(text)
    return int(value) if value == value.to_integral_value() else float(value)


kinds.add("plan_template", Kind(order=38, check=check, apply=apply, export=export, definitions=definitions))
