"""Segments as their author writes them, and what is wrong with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from django.core.exceptions import ValidationError

from accounts.catalogue.models import Product
from accounts.team.models import Team
from retention.conditions.check import composed, problems
from retention.conditions.refusal import ConditionRefused
from retention.conditions.stored import facts_named
from retention.evaluation.rules import catalogue
from retention.segments.composing import entering
from retention.segments.models import DimensionVersion, Segment

MANY = 60
"""Segments of one dimension: more than anybody can tell apart."""
Wrong = dict[str, list[str]]


@dataclass(frozen=True)
class SegmentDraft:
    """One segment as an author writes it; the fields are those of `Segment`."""

    key: str
    name: str
    condition: Mapping[str, Any] | None
    meaning: str = ""
    basis: str = ""
    strategy: str = ""
    offers: str = ""
    products: Sequence[str] = field(default_factory=list)
    care: str = ""
    pool: str = ""
    assign: str = ""
    capacity: int | None = None
    time_share: int | None = None
    check_in_days: int | None = None
    business_review_days: int | None = None
    executive_call_days: int | None = None
    risk_review_days: int | None = None
    retention_target: int | None = None


def drafts_of(version: DimensionVersion) -> list[SegmentDraft]:
    """The segments of `version` as an author would write them again."""
    return [
        SegmentDraft(**{one.name: getattr(segment, one.name) for one in fields(SegmentDraft)})
        for segment in version.segments.all()
    ]


def check(drafts: Sequence[SegmentDraft], *, dimension: str = "") -> None:
    """Raises ValidationError naming each field that is wrong: `segments[1].condition.all[0].fact`.

    No condition asks for the fact that the `dimension` itself, named by its key, decides.
    """
    wrong: Wrong = {}
    if not 1 < len(drafts) <= MANY:
        wrong["segments"] = [f"A dimension has at least two segments and at most {MANY}."]
    for name in ("key", "name"):
        _refuse_twice(name, drafts, wrong)
    for place, draft in enumerate(drafts):
        _check_one(draft, f"segments[{place}]", is_last=place == len(drafts) - 1, wrong=wrong)
        if dimension and dimension in facts_named(draft.condition):
            told = "This asks for the segment that is decided here. Ask for something else."
            wrong.setdefault(f"segments[{place}].condition", []).append(told)
    if not wrong:
        _check_together(drafts, wrong)
    if wrong:
        raise ValidationError(wrong)


def _refuse_twice(name: str, drafts: Sequence[SegmentDraft], wrong: Wrong) -> None:
    seen: set[str] = set()
    for place, draft in enumerate(drafts):
        if getattr(draft, name) in seen:
            wrong[f"segments[{place}].{name}"] = [f"Another segment has this {name} already; choose another one."]
        seen.add(getattr(draft, name))


def _check_one(draft: SegmentDraft, path: str, *, is_last: bool, wrong: Wrong) -> None:
    try:
        Segment(**{**vars(draft), "position": 0}).clean_fields(exclude=["version", "condition", "products"])
    except ValidationError as error:
        wrong |= {f"{path}.{name}": texts for name, texts in error.message_dict.items()}
    if draft.condition is None and not is_last:
        wrong[f"{path}.condition"] = ["Only the last segment may do without a condition; say whom this one takes."]
    if draft.condition is not None:
        for problem in problems(draft.condition, catalogue()):
            wrong.setdefault(f"{path}.condition{problem.path.removeprefix('$')}", []).append(problem.message)
    if draft.pool and not Team.objects.filter(key=draft.pool).exists():
        wrong[f"{path}.pool"] = [f"There is no team {draft.pool}; form it first, or leave this empty."]
    known = set(Product.objects.filter(key__in=draft.products).values_list("key", flat=True))
    if unknown := sorted(set(draft.products) - known):
        wrong[f"{path}.products"] = [f"There is no product {', '.join(unknown)}; add it to the catalogue first."]


def _check_together(drafts: Sequence[SegmentDraft], wrong: Wrong) -> None:
    for place, condition in enumerate(entering([draft.condition for draft in drafts])):
        try:
            composed(condition, catalogue())
        except ConditionRefused:
            wrong[f"segments[{place}].condition"] = [
                "With the conditions of the segments before it this one is too long to be asked; make them shorter."
            ]
