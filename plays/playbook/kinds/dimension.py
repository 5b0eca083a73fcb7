"""`kind: dimension`: segments in order of precedence, whom each takes, and how its accounts are looked after."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any

from accounts.facts.catalogue import facts as known_facts
from plays.playbook import shape
from plays.playbook.layout import given, tidy
from plays.playbook.registry import Body, Definition, Facts, Kind, Trouble, kinds
from retention.conditions.language import FactType
from retention.segments.drafts import SegmentDraft, drafts_of
from retention.segments.drafts import check as check_segments
from retention.segments.models import Dimension, Segment
from retention.segments.planning import plan
from retention.segments.services import publish

REQUIRED = ("key", "name")
TEXTS = {"meaning": 250, "strategy": 2000, "offers": 2000}
CHOICES = {"basis": Segment.Basis, "care": Segment.Care, "assign": Segment.Share}
DAYS = ("check_in_days", "business_review_days", "executive_call_days", "risk_review_days")
NUMBERS = {"capacity": 100_000, "time_share": 100, "retention_target": 100}
OPTIONAL = ("condition", "products", "pool", *TEXTS, *CHOICES, *DAYS, *NUMBERS)
ORDER = [
    *REQUIRED,
    *("meaning", "basis", "condition", "strategy", "offers", "products", "care", "pool", "assign", "capacity"),
    *("time_share", *DAYS, "retention_target"),
]


def check(body: Body, facts: Facts) -> list[Trouble]:
    found = shape.keys(body, required=["key", "name", "segments"], optional=["meaning"])
    found = found or shape.mappings(body["segments"], ".segments")
    if found:
        return found
    found = _check_key(body["key"]) + shape.text(body["name"], ".name", longest=120)
    if body.get("meaning") is not None:
        found += shape.text(body["meaning"], ".meaning")
    seen: set[str] = set()
    for index, segment in enumerate(body["segments"]):
        found += _check_segment(segment, f".segments[{index}]", seen, facts)
        if not found and segment.get("condition") is None and index < len(body["segments"]) - 1:
            found.append(Trouble(f".segments[{index}]", "condition is missing; only the last segment may do without"))
    return found


def _check_key(key: Any) -> list[Trouble]:
    if isinstance(key, str) and key in known_facts:
        return [Trouble(".key", f"{known_facts[key].label} is a fact with this key already; choose another key")]
    return shape.key(key, ".key")


def _check_segment(segment: Body, path: str, seen: set[str], facts: Facts) -> list[Trouble]:
    found = shape.keys(segment, required=REQUIRED, optional=OPTIONAL, path=path)
    if found:
        return found
    said = {name: value for name, value in segment.items() if value is not None}
    found = shape.once(segment["key"], f"{path}.key", seen, what="segment")
    found += shape.text(segment["name"], f"{path}.name", longest=120)
    if "condition" in said:
        found += shape.condition(said["condition"], f"{path}.condition", facts)
    for name, value in said.items():
        found += _check_value(name, value, f"{path}.{name}")
    return found


def _check_value(name: str, value: Any, path: str) -> list[Trouble]:
    if name in TEXTS:
        return shape.text(value, path, longest=TEXTS[name])
    if name in CHOICES:
        return shape.choice(value, path, CHOICES[name].values)
    if name in DAYS:
        return shape.days(value, path)
    if name in NUMBERS:
        return _number(value, path, most=NUMBERS[name])
    if name == "pool":
        return shape.key(value, path)
    if name == "products":
        if not isinstance(value, list):
            return [Trouble(path, "expected a list of the keys of products")]
        return [trouble for index, one in enumerate(value) for trouble in shape.key(one, f"{path}[{index}]")]
    return []


def _number(value: Any, path: str, *, most: int) -> list[Trouble]:
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= most:
        return []
    return [Trouble(path, f"expected a whole number from 1 to {most}")]


def apply(body: Body, by: Any, at: dt.datetime) -> str:
    version = publish(
        key=body["key"],
        name=body["name"],
        meaning=body.get("meaning") or "",
        segments=_drafts(body),
        by=by,
        at=at,
        confirmed=True,  # asked before, for the whole folder
    )
    return f"dimension {version}"


def asks(body: Body, at: dt.datetime) -> list[Trouble]:
    drafts, dimension = _drafts(body), Dimension.objects.filter(key=body["key"]).first()
    version = dimension.versions.first() if dimension else None
    if version and _takes(drafts_of(version)) == _takes(drafts):
        return []  # whatever else is changed, nobody moves
    check_segments(drafts, dimension=body["key"] if dimension else "")
    found = plan(drafts, dimension=dimension, at=at)
    return [Trouble("", text) for text in found.questions + found.first]


def _takes(drafts: Sequence[SegmentDraft]) -> list[tuple[str, Any]]:
    return [(one.key, one.condition) for one in drafts]


def _drafts(body: Body) -> list[SegmentDraft]:
    known = {one.name for one in fields(SegmentDraft)}
    return [
        SegmentDraft(
            **{
                "condition": None,
                **{name: value for name, value in segment.items() if name in known and value is not None},
            }
        )
        for segment in body["segments"]
    ]


def export() -> Iterable[tuple[str, Body]]:
    for dimension in Dimension.objects.order_by("key"):
        if version := dimension.versions.first():
            yield (
                f"dimensions/{dimension.key}.yaml",
                _written(dimension.key, dimension.name, dimension.meaning, drafts_of(version)),
            )


def definitions(body: Body) -> list[Definition]:
    written = _written(body["key"], body["name"], body.get("meaning") or "", _drafts(body))
    return [Definition("dimension", body["key"], "", written)]


def _written(key: str, name: str, meaning: str, segments: Sequence[SegmentDraft]) -> Body:
    return given(key=key, name=name, meaning=meaning or None, segments=[_segment(one) for one in segments])


def _segment(draft: SegmentDraft) -> Body:
    said = {name: getattr(draft, name) or None for name in ORDER}
    return given(**{**said, "condition": None if draft.condition is None else tidy(dict(draft.condition))})


def declares(body: Any) -> Facts:
    """The fact that the dimension is, as far as the file can be read."""
    key = body.get("key") if isinstance(body, dict) else None
    return {key: FactType.TEXT} if isinstance(key, str) else {}


kinds.add(
    "dimension",
    Kind(order=28, check=check, apply=apply, export=export, definitions=definitions, declares=declares, asks=asks),
)
