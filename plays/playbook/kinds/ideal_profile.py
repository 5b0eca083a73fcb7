"""`kind: ideal_profile`: whom the product is for, as weighted criteria."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from plays.playbook import shape
from plays.playbook.registry import Body, Definition, Facts, Kind, Trouble, kinds
from retention.fit.models import IdealProfile
from retention.fit.services import Criterion, IdealDraft, define


def check(body: Body, known: Facts) -> list[Trouble]:
    found = shape.keys(body, required=["criteria"], optional=["fit_from", "review_from"])
    found = found or shape.mappings(body["criteria"], ".criteria")
    if found:
        return found
    for name in ("fit_from", "review_from"):
        found += _share(body.get(name, 50), f".{name}")
    if not found and body.get("review_from", 40) > body.get("fit_from", 60):
        found = [Trouble(".review_from", "must not be above fit_from")]
    seen: set[str] = set()
    for index, one in enumerate(body["criteria"]):
        found += _check_criterion(one, f".criteria[{index}]", seen, known)
    if not found and not any(one["weight"] for one in body["criteria"]):
        found = [Trouble(".criteria", "at least one criterion must have a weight")]
    return found


def _check_criterion(one: Body, path: str, seen: set[str], known: Facts) -> list[Trouble]:
    found = shape.keys(one, required=["key", "label", "weight", "matches"], path=path)
    if found:
        return found
    found = shape.once(one["key"], f"{path}.key", seen, what="criterion")
    found += shape.text(one["label"], f"{path}.label", longest=120) + _share(one["weight"], f"{path}.weight")
    return found + shape.condition(one["matches"], f"{path}.matches", known)


def _share(value: Any, path: str) -> list[Trouble]:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 100:
        return []
    return [Trouble(path, "expected a whole number from 0 to 100")]


def apply(body: Body, by: Any, at: dt.datetime) -> str:
    define(_draft(body), by=by, at=at)
    return f"ideal customer: {len(body['criteria'])} criteria"


def _draft(body: Body) -> IdealDraft:
    criteria = [Criterion(one["key"], one["label"], one["weight"], one["matches"]) for one in body["criteria"]]
    return IdealDraft(criteria, body.get("fit_from", 60), body.get("review_from", 40))


def export() -> Iterable[tuple[str, Body]]:
    if profile := IdealProfile.objects.prefetch_related("criteria").first():
        rows = [Criterion(one.key, one.label, one.weight, one.matches) for one in profile.criteria.all()]
        yield "ideal_profile.yaml", _written(IdealDraft(rows, profile.fit_from, profile.review_from))


def definitions(body: Body) -> list[Definition]:
    return [Definition("ideal", "profile", "", _written(_draft(body)))]


def _written(draft: IdealDraft) -> Body:
    return {
        "fit_from": draft.fit_from,
        "review_from": draft.review_from,
        "criteria": [
            {"key": one.key, "label": one.label, "weight": one.weight, "matches": dict(one.matches)}
            for one in draft.criteria
        ],
    }


kinds.add(
    "ideal_profile",
    Kind(order=27, check=check, apply=apply, export=export, definitions=definitions, is_single=True),
)
