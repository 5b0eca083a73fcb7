"""The plan as somebody at the customer sees it, at a signed address."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.foundation import audit
from accounts.foundation.clock import now
from accounts.stakeholders.links import closed, namespaces
from accounts.throttling.services import Limit, demand
from accounts.workspace.queries import workspace
from retention.slas.business_time import in_words
from retention.success_plans import links, queries, tasks, view
from retention.success_plans.content import ROLES, Content
from retention.success_plans.models import PlanTask, SuccessPlan
from retention.success_plans.office_hours import queries as office_hours
from retention.success_plans.outcome_models import PlanLink

TICKS = Limit("ticks on shared plans", 60, 3600)
"""What one link may tick or take back in an hour."""


@namespaces.register(links.PLAN)
def plan_page(request: HttpRequest, nonce: str) -> HttpResponse:
    """What the customer sees of a plan; posted, ticks one of their tasks in their name."""
    rows = PlanLink.objects.select_related("stakeholder", "plan__account")
    link = rows.filter(nonce=nonce).first() if nonce else None
    if link is None:
        return closed(request)
    with translation.override(link.language):
        if not link.opens_at(now()):
            is_revoked = link.revoked_at is not None or link.stakeholder.left_at is not None
            return closed(request, revoked=is_revoked, ended=not is_revoked)
        if request.method == "POST":
            return _ticked(request, link)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
        with audit.through("shared"):
            links.seen(link, at=now())
        return _shown(request, link)


def _shown(request: HttpRequest, link: PlanLink, *, told: str = "", code: int = 200) -> HttpResponse:
    rows = SuccessPlan.objects.filter(pk=link.plan_id)
    plan = queries.complete_rows(rows).prefetch_related("wins__thanks_to").get()
    facts = queries.facts_of([plan]).get(plan.account_id, {})
    yours = _theirs(plan, link)
    mine = {task.pk for task in yours}
    found = view.shown(plan, facts, at=now(), shared_only=True)
    for one in found.objectives:
        one.tasks[:] = [task for task in one.tasks if task.pk not in mine]
    found.other[:] = [task for task in found.other if task.pk not in mine]
    context = {
        "link": link,
        "plan": plan,
        "shown": found,
        "yours": [task for task in yours if task.is_open],
        "done": [task for task in yours if not task.is_open],
        "wins": [win for win in plan.wins.all() if win.is_shared],
        "office_hours": office_hours.for_customer(plan, at=now()),
        "company": workspace().company,
        "told": told or (_("Thank you, that is noted.") if "noted" in request.GET else ""),
    }
    return render(request, "retention/success_plan/customer.html", context, status=code)


def _theirs(plan: SuccessPlan, link: PlanLink) -> list[PlanTask]:
    """The tasks that this person may tick, the open ones first: theirs, and shared as their objective is."""
    hidden = {one.pk for one in plan.objectives.all() if not one.is_shared}
    found = [
        task
        for task in plan.tasks.all()
        if task.side == PlanTask.Side.THEIRS
        and task.is_shared
        and task.objective_id not in hidden
        and task.their_owner_id == link.stakeholder_id
    ]
    return sorted(found, key=lambda task: not task.is_open)


def _ticked(request: HttpRequest, link: PlanLink) -> HttpResponse:
    demand(TICKS, f"link {link.pk}")
    number, version = request.POST.get("task", ""), request.POST.get("version", "")
    plan = queries.complete_rows(SuccessPlan.objects.filter(pk=link.plan_id)).get()
    task = next((one for one in _theirs(plan, link) if str(one.pk) == number), None)
    if task is None or not version.isdecimal() or len(version) > 9:
        return _shown(request, link, told=_("This is not one of your tasks; nothing was changed."), code=400)
    try:
        with audit.through("shared"):
            if request.POST.get("to") == "open":
                tasks.reopen(task, by=None, at=now(), version=int(version))
            else:
                tasks.finish(task, by=None, at=now(), version=int(version), customer=link.stakeholder)
    except ValidationError:
        told = _("Somebody else changed this task meanwhile. Here is how it is now.")
        return _shown(request, link, told=told, code=409)
    return HttpResponseRedirect(f"{request.path}?noted")


def groups(content: Content) -> list[dict[str, Any]]:
    """The objectives of a template, each with its tasks as one reads them; last what belongs to none."""

    def read(of: str) -> list[dict[str, Any]]:
        return [
            {
                **vars(task),
                "role_name": ROLES[task.side].get(task.role, ""),
                "day": in_words(task.due) if task.due else "",
            }
            for task in content.tasks
            if task.objective == of
        ]

    found = [{"objective": one, "tasks": read(one.key)} for one in content.objectives]
    rest = read("")
    return [*found, {"objective": None, "tasks": rest}] if rest else found
