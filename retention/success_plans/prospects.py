"""Showing a template to prospects: pages are made, looked at and taken back; and what stands on one."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext, ngettext

from accounts.deals.models import Deal
from accounts.foundation import audit
from accounts.foundation.clock import now
from accounts.stakeholders.links import closed, namespaces, sign
from accounts.team.models import User
from accounts.workspace.queries import workspace
from retention.slas import business_time
from retention.success_plans.content import OURS, ROLES, Content, TaskDraft
from retention.success_plans.links import DAYS, TEMPLATE, absolute, begin
from retention.success_plans.prospect_models import ProspectLink
from retention.success_plans.template_models import PlanTemplate
from retention.success_plans.versions import NotPossible

SHOWN = (PlanTemplate.Kind.PLAN, PlanTemplate.Kind.PATH)
"""Kinds of templates that mean something to somebody outside."""
MOST_LINKS = 500
"""Pages of one template that are open at a time."""
FIRST_DAYS = 90
"""So far ahead a prospect is shown what happens."""


@transaction.atomic
def show(
    template: PlanTemplate,
    *,
    by: Any,
    at: dt.datetime,
    company: str = "",
    language: str = "en",
    days: int = DAYS,
    deal: Deal | None = None,
) -> ProspectLink:
    """A page for one prospect, on which their company may be named."""
    if template.kind not in SHOWN:
        raise ValidationError({"template": "Only plans and integration paths can be shown to prospects."})
    link = ProspectLink(template=template, deal=deal, company=company.strip(), language=language, made_by=by)
    begin(link, days=days, at=at)
    if template.prospect_links.filter(revoked_at=None, ends_at__gt=at).count() >= MOST_LINKS:
        raise ValidationError(f"A template has at most {MOST_LINKS} open pages; revoke some first.")
    link.clean_fields(exclude=["made_by"])
    return audit.create(link, verb="prospect_link.make", by=by, at=at)


@transaction.atomic
def revoke(link: ProspectLink, *, by: Any, at: dt.datetime) -> ProspectLink:
    """Takes a page back at once: from now on its address says so."""
    link.refresh_from_db(from_queryset=ProspectLink.objects.select_for_update())
    if link.revoked_at:
        raise NotPossible("This page is revoked already. Nothing was changed.")
    audit.update(link, verb="prospect_link.revoke", by=by, at=at, revoked_at=at)
    return link


def address(link: ProspectLink) -> str:
    """The whole address of the page."""
    return absolute(sign(TEMPLATE, link.nonce))


def listed(rows: QuerySet[ProspectLink], user: User, *, at: dt.datetime) -> list[tuple[ProspectLink, str, bool]]:
    """The pages that `user` may see, newest first: each with its address where it opens, and whether it does."""
    found = rows.for_user(user).select_related("template", "made_by")[:100]  # type: ignore[attr-defined]
    return [(link, address(link) if link.opens_at(at) else "", link.opens_at(at)) for link in found]


@namespaces.register(TEMPLATE)
def prospect_page(request: HttpRequest, nonce: str) -> HttpResponse:
    """What a prospect sees: milestones, steps, who does what. Nothing of any customer."""
    link = ProspectLink.objects.select_related("template").filter(nonce=nonce).first() if nonce else None
    version = link.template.versions.first() if link else None
    if link is None or version is None:
        return closed(request)
    with translation.override(link.language):
        if not link.opens_at(now()):
            return closed(request, revoked=link.revoked_at is not None, ended=link.revoked_at is None)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        with audit.through("shared"):
            seen(link, at=now())
        context = {"link": link, "template": link.template, "company": workspace().company}
        return render(request, "retention/success_plan/prospect.html", context | told(version.content))


def seen(link: ProspectLink, *, at: dt.datetime) -> None:
    """Notes that a page was looked at, at most once in five minutes."""
    if link.is_new_look(at):
        audit.update(link, verb="prospect_link.open", by=None, at=at, last_seen_at=at)


def told(content: Content) -> dict[str, Any]:
    """What a page says of a template, in the language of the moment: what is shared of the first 90 days, in order."""
    milestones = [
        {"objective": one, "by": in_words(one.due), "tasks": _steps(content, one.key)}
        for one in sorted(content.objectives, key=lambda one: _days(one.due))
        if one.is_shared and _days(one.due) <= FIRST_DAYS
    ]
    return {"milestones": milestones, "rest": _steps(content, ""), "hours": list(content.office_hours)}


def _steps(content: Content, of: str) -> list[dict[str, Any]]:
    tasks = [one for one in content.tasks if one.objective == of and one.is_shared and _days(one.due) <= FIRST_DAYS]
    return [
        vars(one) | {"who": _who(one), "by": in_words(one.due)} for one in sorted(tasks, key=lambda t: _days(t.due))
    ]


def _who(task: TaskDraft) -> str:
    """Whose step it is: you or we, with the role."""
    name = workspace().company if task.side == OURS else gettext("You")
    role = ROLES[task.side].get(task.role, "")
    return f"{name} ({gettext(role)})" if role else name


def in_words(due: str) -> str:
    """`5 bd` reads *within 5 working days* in the language of the moment; empty where nothing is said."""
    if not due:
        return ""
    number, unit = business_time.parse(due)
    if unit == "d":
        return ngettext("within %(n)s day", "within %(n)s days", number) % {"n": number}
    if unit == "bd":
        return ngettext("within %(n)s working day", "within %(n)s working days", number) % {"n": number}
    return ngettext("within %(n)s hour", "within %(n)s hours", number) % {"n": number}


def _days(due: str) -> float:
    """About how many days after the start something is due; at once where nothing is said."""
    number, unit = business_time.parse(due) if due else (0, "d")
    return number * {"d": 1.0, "bd": 1.4}.get(unit, 1 / 8)
