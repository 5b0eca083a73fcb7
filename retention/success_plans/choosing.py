"""Which templates fit a customer: by the champion's title, then by use case; the path by the systems they have."""

import re
from collections.abc import Iterable, Sequence

from accounts.portfolio.models import Account
from accounts.stakeholders.models import Stakeholder, StakeholderRole
from retention.success_plans.template_models import PlanTemplate, PlanTemplateVersion
from retention.success_plans.templates import with_latest

Kind = PlanTemplate.Kind


class Choice:
    """The templates in force, and those of them that fit an account. Two statements, whatever is asked of it."""

    def __init__(self) -> None:
        self._templates = [one for one in with_latest() if one.versions.all()]

    def of_kind(self, kind: str) -> list[PlanTemplate]:
        """The templates of one kind, in order of precedence."""
        return [one for one in self._templates if one.kind == kind]

    def plan(self, account: Account, champion: Stakeholder | None) -> PlanTemplateVersion | None:
        """The plan for the persona of the champion, else for the use case, else the one where nothing fits."""
        plans = self.of_kind(Kind.PLAN)
        title = champion.title.casefold() if champion else ""
        by_title = _first(one for one in plans if title and _mentions(title, one.titles))
        by_use = _first(one for one in plans if account.use_case and account.use_case in one.use_cases)
        return _version(by_title or by_use or _first(one for one in plans if one.is_fallback))

    def path(self, account: Account) -> PlanTemplateVersion | None:
        """The integration path for the first system that has one, else the one for customers without."""
        paths, systems = self.of_kind(Kind.PATH), " ".join(map(str, account.tech_stack)).casefold()
        fits = _first(one for one in paths if _mentions(systems, one.stacks))
        return _version(fits or _first(one for one in paths if one.is_fallback))

    def lists(self) -> list[PlanTemplateVersion]:
        """The task lists that every won deal adds."""
        return [one.versions.all()[0] for one in self.of_kind(Kind.TASKS) if one.on_won]


def people_by_role(account: Account) -> dict[str, Stakeholder]:
    """Role at the customer → who has it and is still there; the first by name where several have."""
    rows = StakeholderRole.objects.filter(stakeholder__account=account, stakeholder__left_at=None)
    found: dict[str, Stakeholder] = {}
    for row in rows.select_related("stakeholder").order_by("stakeholder__name", "stakeholder"):
        found.setdefault(row.role, row.stakeholder)
    return found


def _mentions(text: str, words: Sequence[str]) -> bool:
    return any(re.search(rf"\b{re.escape(word.casefold())}\b", text) for word in words)


def _first(found: Iterable[PlanTemplate]) -> PlanTemplate | None:
    return next(iter(found), None)


def _version(template: PlanTemplate | None) -> PlanTemplateVersion | None:
    return template.versions.all()[0] if template else None
