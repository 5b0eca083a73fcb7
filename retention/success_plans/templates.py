"""Publishing templates, and reading them again."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Prefetch, QuerySet

from accounts.foundation import audit
from retention.success_plans.content import Content, check
from retention.success_plans.template_models import PlanTemplate, PlanTemplateVersion

Kind = PlanTemplate.Kind
NEEDED = {Kind.PLAN: "objectives", Kind.PATH: "tasks", Kind.TASKS: "tasks", Kind.AGENDA: "agenda"}
"""By kind, the list that a template of this kind must have."""
MOST_WORDS = 30


@dataclass(frozen=True)
class TemplateDraft:
    """A template as an author writes it; the fields are those of `PlanTemplate` and its content."""

    key: str
    name: str
    kind: str
    meaning: str = ""
    basis: str = ""
    precedence: int = 50
    use_cases: Sequence[str] = field(default_factory=list)
    titles: Sequence[str] = field(default_factory=list)
    stacks: Sequence[str] = field(default_factory=list)
    is_fallback: bool = False
    on_won: bool = False
    content: Content = field(default_factory=Content)


@transaction.atomic
def publish(draft: TemplateDraft, *, by: Any, at: dt.datetime) -> PlanTemplateVersion:
    """The template with this content; a new version where it differs. Raises ValidationError naming each field."""
    check_draft(draft)
    values = {name: value for name, value in vars(draft).items() if name != "content"}
    values |= {name: list(values[name]) for name in ("use_cases", "titles", "stacks")}
    template = PlanTemplate.objects.select_for_update().filter(key=draft.key).first()
    if template is None:
        template = PlanTemplate(**values)
        template.full_clean()
        audit.create(template, verb="plan_template.create", by=by, at=at)
    else:
        _change(template, values, by=by, at=at)
    latest, body = template.versions.first(), draft.content.as_json()
    if latest and latest.body == body:
        return latest
    number = latest.number + 1 if latest else 1
    version = PlanTemplateVersion(template=template, number=number, body=body, published_at=at, published_by=by)
    return audit.create(version, verb="plan_template.publish", by=by, at=at)


def _change(template: PlanTemplate, values: dict[str, Any], *, by: Any, at: dt.datetime) -> None:
    if template.kind != values["kind"]:
        raise ValidationError({"kind": "A template stays what it is; make a new one with another key."})
    PlanTemplate(**values).clean_fields()
    audit.update(template, verb="plan_template.change", by=by, at=at, **values)


def check_draft(draft: TemplateDraft) -> None:
    """Raises ValidationError naming each field of a template that is wrong."""
    if draft.kind not in Kind.values:
        raise ValidationError({"kind": f"Choose one of {', '.join(Kind.values)}."})
    for name in ("use_cases", "titles", "stacks"):
        words = getattr(draft, name)
        if len(words) > MOST_WORDS or not all(isinstance(one, str) and 0 < len(one) <= 80 for one in words):
            raise ValidationError({name: f"At most {MOST_WORDS} words of at most 80 characters."})
    needed = NEEDED[Kind(draft.kind)]
    if not getattr(draft.content, needed):
        raise ValidationError({needed: "A template of this kind has at least one entry here."})
    check(draft.content)


def draft_of(template: PlanTemplate, version: PlanTemplateVersion) -> TemplateDraft:
    """A template as its author would write it again."""
    values = {name: getattr(template, name) for name in TemplateDraft.__dataclass_fields__ if name != "content"}
    return TemplateDraft(**values, content=version.content)


def with_latest() -> QuerySet[PlanTemplate]:
    """All templates, each with its versions, the latest first, in two statements."""
    return PlanTemplate.objects.prefetch_related(Prefetch("versions", PlanTemplateVersion.objects.order_by("-number")))


def latest_of(key: str) -> PlanTemplateVersion | None:
    """The version in force of the template `key`; None where there is no such template."""
    rows = PlanTemplateVersion.objects.select_related("template").filter(template__key=key)
    return rows.order_by("-number").first()
