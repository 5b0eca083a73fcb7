"""`kind: health_model`: what counts how much for the health of some accounts, and what the score means."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from plays.playbook import shape
from plays.playbook.layout import OneLine, given, tidy
from plays.playbook.registry import Body, Definition, Facts, Kind, Trouble, kinds
from retention.health.checking import wrong_with
from retention.health.drafts import CapDraft, HealthDraft, MeasureDraft, draft_of, same
from retention.health.models import Basis, HealthMeasure, HealthModel
from retention.health.preview import preview
from retention.health.services import check as check_model
from retention.health.services import publish

REQUIRED = ("key", "name", "precedence", "applies", "measures")
NUMBERS = ("green_from", "amber_from", "enough_percent", "margin_points", "margin_days")
OPTIONAL = ("meaning", *NUMBERS, "caps", "contradiction")
FIRST = (
    *("fact", "days_since", "marks", "below", "above", "fresh", "values", "steps", "from", "deductions"),
    *("name", "when", "points", "otherwise", "days"),
)
MOST = 1000


def check(body: Body, facts: Facts) -> list[Trouble]:
    found = shape.keys(body, required=REQUIRED, optional=OPTIONAL)
    found = found or shape.mappings(body["measures"], ".measures")
    if not found and body.get("caps") is not None:
        found = shape.mappings(body["caps"], ".caps")
    if found:
        return found
    found = shape.key(body["key"], ".key") + shape.text(body["name"], ".name", longest=120)
    if body.get("meaning") is not None:
        found += shape.text(body["meaning"], ".meaning")
    for name in ("precedence", *NUMBERS):
        found += _whole(body.get(name), f".{name}", is_required=name == "precedence")
    for place, one in enumerate(body["measures"]):
        found += _check_measure(one, f".measures[{place}]")
    for place, one in enumerate(body.get("caps") or ()):
        found += _check_cap(one, f".caps[{place}]")
    return found or [Trouble(path, message) for path, message in wrong_with(_draft(body), facts)]


def _whole(value: Any, path: str, *, is_required: bool = False) -> list[Trouble]:
    if value is None and not is_required:
        return []
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST:
        return []
    return [Trouble(path, f"expected a whole number from 0 to {MOST}")]


def _check_measure(one: Body, path: str) -> list[Trouble]:
    optional = ("missing", "worst_where", "basis")
    found = shape.keys(one, required=["key", "name", "weight", "scale"], optional=optional, path=path)
    if found:
        return found
    found = shape.text(one["name"], f"{path}.name", longest=120)
    found += _whole(one["weight"], f"{path}.weight", is_required=True) + _basis(one, path)
    missing = one.get("missing")
    return found + (shape.choice(missing, f"{path}.missing", HealthMeasure.Missing.values) if missing else [])


def _check_cap(one: Body, path: str) -> list[Trouble]:
    found = shape.keys(one, required=["key", "name", "when", "at_most"], optional=["basis"], path=path)
    if found:
        return found
    found = shape.text(one["name"], f"{path}.name", longest=120)
    return found + _whole(one["at_most"], f"{path}.at_most", is_required=True) + _basis(one, path)


def _basis(one: Body, path: str) -> list[Trouble]:
    return shape.choice(one["basis"], f"{path}.basis", Basis.values) if one.get("basis") is not None else []


def _draft(body: Body) -> HealthDraft:
    numbers = {name: body[name] for name in NUMBERS if body.get(name) is not None}
    return HealthDraft(
        applies=body["applies"],
        precedence=body["precedence"],
        measures=[_of(MeasureDraft, one) for one in body["measures"]],
        caps=[_of(CapDraft, one) for one in body.get("caps") or ()],
        contradiction=body.get("contradiction"),
        **numbers,
    )


def _of(kind: Any, one: Body) -> Any:
    return kind(**{name: value for name, value in one.items() if value is not None})


def apply(body: Body, by: Any, at: dt.datetime) -> str:
    meaning = body.get("meaning") or ""
    return f"health model {publish(_draft(body), key=body['key'], name=body['name'], meaning=meaning, by=by, at=at)}"


def asks(body: Body, at: dt.datetime) -> list[Trouble]:
    draft, model = _draft(body), HealthModel.objects.filter(key=body["key"]).first()
    version = model.versions.first() if model else None
    if version and same(draft_of(version), draft):
        return []
    check_model(draft)
    found = preview(draft, model, user=None, at=at)
    return [Trouble("", text) for text in found.questions + ([] if version else found.first)]


def export() -> Iterable[tuple[str, Body]]:
    for model in HealthModel.objects.order_by("key"):
        if version := model.versions.first():
            yield f"health/{model.key}.yaml", _written(model.key, model.name, model.meaning, draft_of(version))


def definitions(body: Body) -> list[Definition]:
    written = _written(body["key"], body["name"], body.get("meaning") or "", _draft(body))
    return [Definition("health", body["key"], "", written)]


def _written(key: str, name: str, meaning: str, draft: HealthDraft) -> Body:
    return given(
        key=key,
        name=name,
        meaning=meaning or None,
        precedence=draft.precedence,
        applies=tidy(draft.applies),
        **{number: getattr(draft, number) for number in NUMBERS},
        measures=[_measure(one) for one in draft.measures],
        caps=[_cap(one) for one in draft.caps] or None,
        contradiction=tidy(draft.contradiction, ("one", "other", "high_from", "low_below", "policy")),
    )


def _measure(one: MeasureDraft) -> Body:
    return given(
        key=one.key,
        name=one.name,
        weight=one.weight,
        basis=one.basis,
        scale=_short(tidy(one.scale, FIRST)),
        missing=one.missing,
        worst_where=tidy(one.worst_where),
    )


def _short(scale: Any) -> Any:
    """A scale over one fact stands on one line, and so does each of its marks."""
    is_plain = isinstance(scale, dict) and not {"steps", "deductions", "mean"} & scale.keys()
    return OneLine(scale) if is_plain else scale


def _cap(one: CapDraft) -> Body:
    return given(key=one.key, name=one.name, at_most=one.at_most, basis=one.basis, when=tidy(one.when))


kinds.add("health_model", Kind(order=35, check=check, apply=apply, export=export, definitions=definitions, asks=asks))
