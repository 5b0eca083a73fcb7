import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError

from accounts.facts.queries import after_latest_projection
from accounts.facts.registry import readers
from accounts.foundation import audit, bell
from accounts.foundation.lanes import lane
from retention.conditions.check import problems
from retention.conditions.stored import facts_named
from retention.evaluation.rules import catalogue
from retention.fit.models import FitCriterion, IdealProfile


@dataclass(frozen=True)
class Criterion:
    """One criterion as an author writes it."""

    key: str
    label: str
    weight: int
    matches: Mapping[str, Any]


@dataclass(frozen=True)
class IdealDraft:
    """Whom the product is for, as an author writes it."""

    criteria: Sequence[Criterion]
    fit_from: int = 60
    review_from: int = 40


def define(draft: IdealDraft, *, by: Any, at: dt.datetime) -> IdealProfile:
    """Puts `draft` into force; every account is scored anew. Where nothing changes, nothing happens.

    Raises ValidationError naming each field that is wrong.
    """
    _check(draft)
    with lane("facts"):  # a profile that is made meanwhile is made with what was in force before
        return _define(draft, by=by, at=at)


def _define(draft: IdealDraft, *, by: Any, at: dt.datetime) -> IdealProfile:
    profile = IdealProfile.objects.first()
    if profile is None:
        profile = IdealProfile(fit_from=draft.fit_from, review_from=draft.review_from, changed_at=at)
        audit.create(profile, verb="fit.define", by=by, at=at)
    bands = audit.update(
        profile, verb="fit.change", by=by, at=at, fit_from=draft.fit_from, review_from=draft.review_from
    )
    if _save_criteria(profile, draft.criteria, by=by, at=at) or bands:
        audit.update(profile, verb="fit.publish", by=by, at=at, changed_at=after_latest_projection(at))
        bell.ring()
    return profile


def _save_criteria(profile: IdealProfile, wanted: Sequence[Criterion], *, by: Any, at: dt.datetime) -> bool:
    """Writes the criteria; whether anything became different."""
    existing = {row.key: row for row in profile.criteria.all()}
    is_changed = False
    for key in existing.keys() - {one.key for one in wanted}:
        audit.delete(existing[key], verb="fit.criterion_remove", by=by, at=at)
        is_changed = True
    for position, one in enumerate(wanted):
        values = {"label": one.label, "weight": one.weight, "matches": dict(one.matches), "position": position}
        if row := existing.get(one.key):
            is_changed |= bool(audit.update(row, verb="fit.criterion_change", by=by, at=at, **values))
        else:
            row = FitCriterion(profile=profile, key=one.key, **values)
            row.full_clean()
            audit.create(row, verb="fit.criterion_add", by=by, at=at)
            is_changed = True
    return is_changed


def _check(draft: IdealDraft) -> None:
    wrong: dict[str, list[str]] = {}
    if not 0 <= draft.review_from <= draft.fit_from <= 100:
        wrong["review_from"] = ["Give 0 ≤ review_from ≤ fit_from ≤ 100."]
    if not any(one.weight for one in draft.criteria):
        wrong["criteria"] = ["At least one criterion must have a weight."]
    if len({one.key for one in draft.criteria}) < len(draft.criteria):
        wrong["criteria"] = ["Two criteria have the same key."]
    for place, one in enumerate(draft.criteria):
        if not 0 <= one.weight <= 100:
            wrong[f"criteria[{place}].weight"] = ["Give a weight from 0 to 100."]
        for problem in problems(one.matches, catalogue(), allow_held_for=False):
            wrong.setdefault(f"criteria[{place}].matches{problem.path.removeprefix('$')}", []).append(problem.message)
    if wrong:
        raise ValidationError(wrong)


@readers.register("fit criteria")
def criteria_that_read(key: str) -> list[str]:
    """The names of the criteria of the ideal customer that read a fact."""
    criteria = FitCriterion.objects.all()
    return [f"criterion {one.label}" for one in criteria if key in facts_named(one.matches)]
