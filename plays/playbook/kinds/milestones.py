"""`kind: milestones`: what customers should achieve, how it is seen, and by when."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from plays.playbook import shape
from plays.playbook.layout import given, tidy
from plays.playbook.registry import Body, Definition, Facts, Kind, Trouble, kinds
from retention.milestones import services
from retention.milestones.models import MOST_DAYS, MilestoneRoute, ValueMilestone
from retention.milestones.preview import preview
from retention.milestones.reading import wrong_with
from retention.milestones.services import MilestoneDraft, RouteDraft

ROUTE = ["applies", "event", "condition", "days", "clock", "basis"]
Basis, Clock = MilestoneRoute.Basis, MilestoneRoute.Clock


def check(body: Body, known: Facts) -> list[Trouble]:
    found = shape.keys(body, required=["milestones"])
    found = found or shape.mappings(body["milestones"], ".milestones")
    seen: set[str] = set()
    return found or [
        trouble
        for index, one in enumerate(body["milestones"])
        for trouble in _check(one, f".milestones[{index}]", seen, known)
    ]


def _check(one: Body, path: str, seen: set[str], known: Facts) -> list[Trouble]:
    found = shape.keys(one, required=["key", "name", "routes"], optional=["meaning", "active"], path=path)
    found = found or shape.mappings(one["routes"], f"{path}.routes")
    if found:
        return found
    found = shape.once(one["key"], f"{path}.key", seen, what="milestone")
    found += shape.text(one["name"], f"{path}.name", longest=120)
    found += shape.text(one["meaning"], f"{path}.meaning") if one.get("meaning") is not None else []
    found += shape.flag(one["active"], f"{path}.active") if one.get("active") is not None else []
    routes: set[str] = set()
    for index, route in enumerate(one["routes"]):
        found += _check_route(route, f"{path}.routes[{index}]", routes, known)
    if len(one["routes"]) > services.MOST_ROUTES:
        found.append(Trouble(f"{path}.routes", f"at most {services.MOST_ROUTES} routes are possible"))
    return found


def _check_route(route: Body, path: str, seen: set[str], known: Facts) -> list[Trouble]:
    found = shape.keys(route, required=["key", "name"], optional=ROUTE, path=path)
    if found:
        return found
    found = shape.once(route["key"], f"{path}.key", seen, what="route of this milestone")
    found += shape.text(route["name"], f"{path}.name", longest=120)
    found += _days(route.get("days"), f"{path}.days")
    for name, choices in (("clock", Clock.values), ("basis", Basis.values)):
        found += shape.choice(route[name], f"{path}.{name}", choices) if route.get(name) is not None else []
    if route.get("event") is not None:
        found += shape.key(route["event"], f"{path}.event")
        if route.get("condition") is not None:
            found.append(Trouble(f"{path}.condition", "give an event or a condition, not both"))
    for name in ("applies", "condition"):
        if route.get(name) is not None:
            wrong = wrong_with(route[name], known)
            found += [Trouble(f"{path}.{name}{inner}", message) for inner, message in wrong]
    return found


def _days(value: Any, path: str) -> list[Trouble]:
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_DAYS):
        return []
    return [Trouble(path, f"expected a whole number of days from 0 to {MOST_DAYS}")]


def apply(body: Body, by: Any, at: dt.datetime) -> str:
    for position, one in enumerate(body["milestones"]):
        services.define(_draft(one, position), by=by, at=at)
    return f"{len(body['milestones'])} milestones"


def asks(body: Body, at: dt.datetime) -> list[Trouble]:
    rows = {row.key: row for row in ValueMilestone.objects.prefetch_related("routes")}
    found = []
    for index, one in enumerate(body["milestones"]):
        draft, row = _draft(one, index), rows.get(one["key"])
        if row and services.draft_of(row) == draft:
            continue
        services.check(draft)
        texts = preview(draft, row, user=None, at=at).questions
        found += [Trouble(f".milestones[{index}]", f"{draft.name}: {text}") for text in texts]
    return found


def _draft(one: Body, position: int) -> MilestoneDraft:
    routes = [RouteDraft(**given(**route)) for route in one["routes"]]
    active = one.get("active")
    return MilestoneDraft(
        one["key"], one["name"], routes, one.get("meaning") or "", position, True if active is None else active
    )


def export() -> Iterable[tuple[str, Body]]:
    rows = ValueMilestone.objects.prefetch_related("routes").order_by("position", "key")
    if drafts := [services.draft_of(row) for row in rows]:
        yield "milestones.yaml", {"milestones": [_written(draft) for draft in drafts]}


def definitions(body: Body) -> list[Definition]:
    return [
        Definition("milestone to value", one["key"], f".milestones[{index}]", _written(_draft(one, index)))
        for index, one in enumerate(body["milestones"])
    ]


def _written(draft: MilestoneDraft) -> Body:
    return given(
        key=draft.key,
        name=draft.name,
        meaning=draft.meaning or None,
        active=None if draft.is_active else False,
        routes=[_route(one) for one in draft.routes],
    )


def _route(one: RouteDraft) -> Body:
    return given(
        key=one.key,
        name=one.name,
        applies=None if one.applies is None else tidy(one.applies),
        event=one.event or None,
        condition=None if one.condition is None else tidy(one.condition),
        days=one.days,
        clock=None if one.clock == Clock.CLOSED_WON else one.clock,
        basis=one.basis,
    )


kinds.add(
    "milestones",
    Kind(order=29, check=check, apply=apply, export=export, definitions=definitions, asks=asks, is_single=True),
)
