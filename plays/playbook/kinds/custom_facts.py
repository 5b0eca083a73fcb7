"""`kind: custom_facts`: facts about accounts that this installation adds to the catalogue."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from accounts.facts.catalogue import Type, Use, facts
from accounts.facts.models import CustomFact
from accounts.facts.services import FactDraft, define
from plays.playbook import shape
from plays.playbook.layout import given
from plays.playbook.registry import Body, Definition, Facts, Kind, Trouble, kinds
from retention.conditions.catalogue import Catalogue
from retention.conditions.language import FactType

TYPES = [name.value for name in Type]
USES = [use.value for use in Use]


def check(body: Body, known: Facts) -> list[Trouble]:
    found = shape.keys(body, required=["facts"]) or shape.mappings(body["facts"], ".facts")
    if found:
        return found
    types = dict(CustomFact.objects.values_list("key", "type"))
    seen: set[str] = set()
    for index, fact in enumerate(body["facts"]):
        found += _check_fact(fact, f".facts[{index}]", seen) or _check_place(fact, f".facts[{index}]", types)
    return found


def _check_fact(fact: Body, path: str, seen: set[str]) -> list[Trouble]:
    found = shape.keys(fact, required=["key", "label", "type", "meaning"], optional=["unit", "use"], path=path)
    if found:
        return found
    found = shape.once(fact["key"], f"{path}.key", seen, what="fact")
    found += shape.text(fact["label"], f"{path}.label", longest=80) + shape.choice(fact["type"], f"{path}.type", TYPES)
    found += shape.text(fact["meaning"], f"{path}.meaning")
    if fact.get("unit") is not None:
        found += shape.text(fact["unit"], f"{path}.unit", longest=40)
    return found if fact.get("use") is None else found + shape.choice(fact["use"], f"{path}.use", USES)


def _check_place(fact: Body, path: str, types: dict[str, str]) -> list[Trouble]:
    """Whether the catalogue has room for it; `define` refuses the same, but knows no line."""
    if fact["key"] in facts:
        return [Trouble(f"{path}.key", f"{fact['key']} is a fact of the product; choose another key")]
    before = types.get(fact["key"], fact["type"])
    if before == fact["type"]:
        return []
    return [Trouble(f"{path}.type", f"{fact['key']} holds values of type {before}; define a new fact instead")]


def declares(body: Any) -> Facts:
    """The types of the facts in the file; those that are malformed are left out."""
    rows = body.get("facts")
    rows = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    types = {
        row["key"]: FactType(row["type"])
        for row in rows
        if isinstance(row.get("key"), str) and isinstance(row.get("type"), str) and row["type"] in TYPES
    }
    return Catalogue(types, [row["key"] for row in rows if row.get("use") == Use.NEVER and row.get("key") in types])


def apply(body: Body, by: Any, at: dt.datetime) -> str:
    for fact in body["facts"]:
        define(_draft(fact), by=by, at=at)
    return f"custom facts: {len(body['facts'])}"


def _draft(fact: Body) -> FactDraft:
    return FactDraft(**{name: value for name, value in fact.items() if value is not None})


def export() -> Iterable[tuple[str, Body]]:
    rows = CustomFact.objects.values("key", "label", "type", "meaning", "unit", "use")
    if drafts := sorted((FactDraft(**row) for row in rows), key=lambda draft: draft.key):
        yield "facts.yaml", {"facts": [_written(draft) for draft in drafts]}


def definitions(body: Body) -> list[Definition]:
    return [
        Definition("fact", fact["key"], f".facts[{index}]", _written(_draft(fact)))
        for index, fact in enumerate(body["facts"])
    ]


def _written(fact: FactDraft) -> Body:
    return given(
        key=fact.key,
        label=fact.label,
        type=fact.type,
        meaning=fact.meaning,
        unit=fact.unit or None,
        use=None if fact.use == Use.INTERNAL else fact.use,
    )


kinds.add(
    "custom_facts",
    Kind(order=25, check=check, apply=apply, export=export, definitions=definitions, declares=declares),
)
