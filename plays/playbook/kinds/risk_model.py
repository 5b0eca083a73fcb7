"""`kind: risk_model`: what makes a renewal less likely, in points, and where the tiers begin."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from plays.playbook import shape
from plays.playbook.layout import given, tidy
from plays.playbook.registry import Body, Definition, Facts, Kind, Trouble, kinds
from retention.risks import rating
from retention.risks.models import RiskSignal
from retention.risks.preview import preview
from retention.risks.rating import RiskDraft, SignalDraft

TIERS = {"medium_from": 2, "high_from": 4, "unknown_from": 3}


def check(body: Body, known: Facts) -> list[Trouble]:
    found = shape.keys(body, required=["signals"], optional=TIERS)
    found = found or shape.mappings(body["signals"], ".signals")
    if found:
        return found
    for name in TIERS:
        found += _whole(body.get(name), f".{name}")
    seen: set[str] = set()
    for index, one in enumerate(body["signals"]):
        found += _check_signal(one, f".signals[{index}]", seen)
    if found:
        return found
    return [Trouble(f".{path}", message) for path, message in rating.wrong_with(_draft(body), known)]


def _check_signal(one: Body, path: str, seen: set[str]) -> list[Trouble]:
    found = shape.keys(one, required=["key", "name", "points", "when"], optional=["core", "basis"], path=path)
    if found:
        return found
    found = shape.once(one["key"], f"{path}.key", seen, what="signal")
    found += shape.text(one["name"], f"{path}.name", longest=120)
    found += _whole(one["points"], f"{path}.points") if one["points"] is not None else [_number(f"{path}.points")]
    found += shape.flag(one["core"], f"{path}.core") if one.get("core") is not None else []
    if one.get("basis") is not None:
        found += shape.choice(one["basis"], f"{path}.basis", RiskSignal.Basis.values)
    return found


def _whole(value: Any, path: str) -> list[Trouble]:
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 100):
        return []
    return [_number(path)]


def _number(path: str) -> Trouble:
    return Trouble(path, "expected a whole number from 1 to 100")


def apply(body: Body, by: Any, at: dt.datetime) -> str:
    rating.publish(_draft(body), by=by, at=at)
    return f"renewal risk: {len(body['signals'])} signals"


def asks(body: Body, at: dt.datetime) -> list[Trouble]:
    draft, version = _draft(body), rating.in_force()
    if version and rating.draft_of(version) == draft:
        return []
    rating.check(draft)
    found = preview(draft, user=None, at=at)
    return [Trouble("", text) for text in found.questions + ([] if version else found.first)]


def _draft(body: Body) -> RiskDraft:
    signals = [
        SignalDraft(
            one["key"], one["name"], one["points"], one["when"], bool(one.get("core")), one.get("basis") or "practice"
        )
        for one in body["signals"]
    ]
    tiers = {name: default if body.get(name) is None else body[name] for name, default in TIERS.items()}
    return RiskDraft(signals, **tiers)


def export() -> Iterable[tuple[str, Body]]:
    if version := rating.in_force():
        yield "risk_model.yaml", _written(rating.draft_of(version))


def definitions(body: Body) -> list[Definition]:
    return [Definition("renewal", "risk", "", _written(_draft(body)))]


def _written(draft: RiskDraft) -> Body:
    return {name: getattr(draft, name) for name in TIERS} | {"signals": [_signal(one) for one in draft.signals]}


def _signal(one: SignalDraft) -> Body:
    return given(
        key=one.key,
        name=one.name,
        points=one.points,
        core=True if one.is_core else None,
        basis=one.basis,
        when=tidy(one.when),
    )


kinds.add(
    "risk_model",
    Kind(order=37, check=check, apply=apply, export=export, definitions=definitions, asks=asks, is_single=True),
)
