"""`kind: tracking_plan`: which event names mean that which feature was used."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from accounts.ingestion.models import Feature
from accounts.ingestion.services import define_feature
from plays.playbook import shape
from plays.playbook.layout import OneLine
from plays.playbook.registry import Body, Definition, Facts, Kind, Trouble, kinds


def check(body: Body, facts: Facts) -> list[Trouble]:
    found = shape.keys(body, required=["features"]) or shape.mappings(body["features"], ".features")
    if found:
        return found
    keys: set[str] = set()
    seen: set[str] = set()
    for index, feature in enumerate(body["features"]):
        found += _check_feature(feature, f".features[{index}]", keys, seen)
    return found


def _check_feature(feature: Body, path: str, keys: set[str], seen: set[str]) -> list[Trouble]:
    found = shape.keys(feature, required=["key", "name", "tier", "events"], path=path)
    if found:
        return found
    found = shape.once(feature["key"], f"{path}.key", keys, what="feature")
    found += shape.text(feature["name"], f"{path}.name", longest=120)
    found += shape.choice(feature["tier"], f"{path}.tier", Feature.Tier.values)
    events = feature["events"]
    if not isinstance(events, list) or not events or not all(isinstance(event, str) for event in events):
        return [*found, Trouble(f"{path}.events", "expected a list of event names")]
    found += [
        Trouble(f"{path}.events", f"{event!r} already stands for another feature") for event in events if event in seen
    ]
    seen.update(events)
    return found


def apply(body: Body, by: Any, at: dt.datetime) -> str:
    for feature in body["features"]:
        define_feature(**feature, by=by, at=at)
    return f"tracking plan with {len(body['features'])} features"


def export() -> Iterable[tuple[str, Body]]:
    rows = Feature.objects.values("key", "name", "tier", "events")
    if ordered := sorted(rows, key=lambda row: (Feature.Tier.values.index(row["tier"]), row["key"])):
        yield "tracking_plan.yaml", {"features": [_written(**row) for row in ordered]}


def definitions(body: Body) -> list[Definition]:
    return [
        Definition("feature", feature["key"], f".features[{index}]", _written(**feature))
        for index, feature in enumerate(body["features"])
    ]


def _written(*, key: str, name: str, tier: str, events: list[str]) -> Body:
    return OneLine(key=key, name=name, tier=tier, events=events)


kinds.add(
    "tracking_plan",
    Kind(order=20, check=check, apply=apply, export=export, definitions=definitions, is_single=True),
)
