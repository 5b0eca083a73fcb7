"""`kind: tracking_plan`: what the events of your product and the pages of your site mean."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models

from accounts.ingestion import services
from accounts.ingestion.models import Feature, Milestone, PageIntent
from plays.playbook import shape
from plays.playbook.layout import OneLine
from plays.playbook.registry import Body, Definition, Facts, Kind, Trouble, kinds


@dataclass(frozen=True)
class Section:
    """One list of the file: what its entries are called and hold, and how one is put into force."""

    noun: str
    model: type[models.Model]
    define: Callable[..., Any]
    keys: Sequence[str]
    texts: str
    """The key whose value is a list of texts."""
    what: str
    """What those texts are."""
    is_exclusive: bool = False
    """Whether a text stands for one entry only."""


SECTIONS = {
    "features": Section(
        "feature",
        Feature,
        services.define_feature,
        ("key", "name", "tier", "events"),
        "events",
        "event names",
        is_exclusive=True,
    ),
    "milestones": Section(
        "milestone", Milestone, services.define_milestone, ("key", "name", "events"), "events", "event names"
    ),
    "intents": Section(
        "intent", PageIntent, services.define_intent, ("key", "name", "paths"), "paths", "paths such as /pricing*"
    ),
}


def check(body: Body, facts: Facts) -> list[Trouble]:
    found = shape.keys(body, required=[] if SECTIONS.keys() & body.keys() else ["features"], optional=SECTIONS)
    found += [trouble for name in SECTIONS if name in body for trouble in shape.mappings(body[name], f".{name}")]
    return found or [trouble for name, section in SECTIONS.items() for trouble in _check(body, name, section)]


def _check(body: Body, name: str, section: Section) -> Iterator[Trouble]:
    keys: set[str] = set()
    seen: set[str] = set()
    for index, entry in enumerate(body.get(name, ())):
        yield from _check_entry(entry, f".{name}[{index}]", section, keys, seen)


def _check_entry(entry: Body, path: str, section: Section, keys: set[str], seen: set[str]) -> list[Trouble]:
    found = shape.keys(entry, required=section.keys, path=path)
    if found:
        return found
    found = shape.once(entry["key"], f"{path}.key", keys, what=section.noun)
    found += shape.text(entry["name"], f"{path}.name", longest=120)
    if "tier" in section.keys:
        found += shape.choice(entry["tier"], f"{path}.tier", Feature.Tier.values)
    return found + _check_texts(entry[section.texts], f"{path}.{section.texts}", section, seen)


def _check_texts(texts: Any, path: str, section: Section, seen: set[str]) -> list[Trouble]:
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
        return [Trouble(path, f"expected a list of {section.what}")]
    if not section.is_exclusive:
        return _check_paths(texts, path) if section.texts == "paths" else []
    found = [Trouble(path, f"{text!r} already stands for another {section.noun}") for text in texts if text in seen]
    seen.update(texts)
    return found


def _check_paths(texts: list[str], path: str) -> list[Trouble]:
    wrong = [text for text in texts if not text.startswith("/")]
    return [Trouble(path, f"{text!r} is no path; a path begins with /, such as /pricing*") for text in wrong]


def apply(body: Body, by: Any, at: dt.datetime) -> str:
    counts = []
    for name, section in SECTIONS.items():
        for entry in body.get(name, ()):
            section.define(**entry, by=by, at=at)
        if name in body:
            counts.append(f"{len(body[name])} {name}")
    return f"tracking plan with {', '.join(counts)}"


def export() -> Iterable[tuple[str, Body]]:
    body = {name: rows for name, section in SECTIONS.items() if (rows := _rows(section))}
    if body:
        yield "tracking_plan.yaml", body


def _rows(section: Section) -> list[Body]:
    rows = section.model._base_manager.values(*section.keys)
    return [_written(section, row) for row in sorted(rows, key=_place)]


def _place(row: Body) -> tuple[int, str]:
    return Feature.Tier.values.index(row.get("tier", Feature.Tier.CORE)), row["key"]


def definitions(body: Body) -> list[Definition]:
    return [
        Definition(section.noun, entry["key"], f".{name}[{index}]", _written(section, entry))
        for name, section in SECTIONS.items()
        for index, entry in enumerate(body.get(name, ()))
    ]


def _written(section: Section, entry: Body) -> Body:
    return OneLine({key: entry[key] for key in section.keys})


kinds.add(
    "tracking_plan",
    Kind(order=20, check=check, apply=apply, export=export, definitions=definitions, is_single=True),
)
