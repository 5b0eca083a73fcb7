"""The page of a plan, and the short forms that open over it."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.urls import URLPattern, path

from accounts.foundation.clock import now
from accounts.foundation.console import reader
from accounts.portfolio.models import Account
from accounts.portfolio.quick import FORM, carry_out, is_fetched, posted, refused, row_of, saved, show
from accounts.portfolio.registry import Page, pages
from retention.success_plans import forms, links, objectives, reviews, services, starting, tasks
from retention.success_plans.models import PlanObjective, PlanTask, SuccessPlan
from retention.success_plans.outcome_models import PlanLink, PlanWin
from retention.success_plans.versions import Stale

Verb = Callable[..., tuple[Account, str]]


def _carry_out(request: HttpRequest, form: Any, verb: Verb, *, title: str, button: str) -> HttpResponse:
    """As `carry_out`; where somebody saved meanwhile, 409 tells both versions, and what was typed stays."""

    def guarded(**values: Any) -> tuple[Account, str]:
        try:
            return verb(**values)
        except Stale as stale:
            stales.append(stale)
            raise

    stales: list[Stale] = []
    response = carry_out(request, form, guarded, title=title, button=button)
    if not stales:
        return response
    if is_fetched(request):
        return JsonResponse({"message": " ".join(stales[0].messages)}, status=409)
    page = show(request, FORM, title, form, button=button)
    page.status_code = 409
    return page


def urls(wrap: Any) -> list[URLPattern]:
    """The addresses of these forms, below the list of plans."""
    views = {
        "<int:pk>/objective/": ("add_objective", add_objective),
        "<int:pk>/task/": ("add_task", add_task),
        "<int:pk>/list/": ("add_list", add_list),
        "<int:pk>/win/": ("add_win", add_win),
        "<int:pk>/edit/": ("edit", edit_plan),
        "<int:pk>/share/": ("share", share),
        "<int:pk>/move/": ("move", move),
        "objective/<int:pk>/": ("objective", edit_objective),
        "objective/<int:pk>/close/": ("close_objective", close_objective),
        "objective/<int:pk>/drop/": ("drop_objective", drop_objective),
        "objective/<int:pk>/reopen/": ("reopen_objective", reopen_objective),
        "task/<int:pk>/": ("task", edit_task),
        "task/<int:pk>/tick/": ("tick_task", tick_task),
        "win/<int:pk>/": ("win", edit_win),
        "link/<int:pk>/revoke/": ("revoke_link", revoke_link),
    }
    return [path(route, wrap(view), name=f"retention_successplan_{name}") for route, (name, view) in views.items()]


def _adds(request: HttpRequest, pk: int, form: Any, add: Any, *, title: str, button: str, **more: Any) -> HttpResponse:
    plan = row_of(request, SuccessPlan, pk)

    def added(version: int | None = None, **values: Any) -> tuple[Account, str]:
        made = add(plan, by=reader(request), at=now(), **values)
        return plan.account, f"“{made}” is added."

    filled = form(posted(request), plan=plan, user=reader(request), **more)
    return _carry_out(request, filled, added, title=title, button=button)


def edit_plan(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes the name of a plan, and how often it is reviewed; the next review follows."""
    plan = row_of(request, SuccessPlan, pk)
    form = forms.PlanForm(posted(request), initial={"name": plan.name, "review_days": plan.review_days})

    def changed(**values: Any) -> tuple[Account, str]:
        services.change(plan, by=reader(request), at=now(), **values)
        return plan.account, f"“{plan}” is saved."

    return carry_out(request, form, changed, title="Change the plan", button="Save plan")


def add_objective(request: HttpRequest, pk: int) -> HttpResponse:
    """Adds an objective to a plan."""
    return _adds(request, pk, forms.ObjectiveForm, objectives.add, title="New objective", button="Add objective")


def add_task(request: HttpRequest, pk: int) -> HttpResponse:
    """Adds a task to a plan."""
    return _adds(request, pk, forms.TaskForm, tasks.add_by_hand, title="New task", button="Add task")


def add_win(request: HttpRequest, pk: int) -> HttpResponse:
    """Writes down what became better."""
    return _adds(request, pk, forms.WinForm, services.add_win, title="New win", button="Add win")


def add_list(request: HttpRequest, pk: int) -> HttpResponse:
    """Adds the tasks of a list or path."""
    plan = row_of(request, SuccessPlan, pk)

    def add(template: Any) -> tuple[Account, str]:
        made = starting.add_list(plan, template=template, by=reader(request), at=now())
        return plan.account, f"{len(made)} tasks are added, due from today on."

    return carry_out(request, forms.ListForm(posted(request)), add, title="Add tasks together", button="Add tasks")


def share(request: HttpRequest, pk: int) -> HttpResponse:
    """Makes a link for somebody at the customer."""
    plan = row_of(request, SuccessPlan, pk)

    def make(**values: Any) -> tuple[Account, str]:
        made = links.share(plan, by=reader(request), at=now(), **values)
        return plan.account, f"The link for {made.stakeholder} is made; copy it below and send it."

    form = forms.ShareForm(posted(request), plan=plan)
    return carry_out(request, form, make, title="Share the plan", button="Make a link")


def _changes(request: HttpRequest, row: Any, form: Any, change: Any, *, title: str, button: str) -> HttpResponse:
    def changed(**values: Any) -> tuple[Account, str]:
        change(row, by=reader(request), at=now(), **values)
        return row.plan.account, f"“{row}” is saved."

    filled = form(posted(request), plan=row.plan, user=reader(request), initial=form.of(row))
    return _carry_out(request, filled, changed, title=title, button=button)


def edit_objective(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes an objective."""
    row = row_of(request, PlanObjective, pk)
    return _changes(request, row, forms.ObjectiveForm, objectives.change, title="Objective", button="Save objective")


def edit_task(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes a task."""
    row = row_of(request, PlanTask, pk)
    return _changes(request, row, forms.TaskForm, tasks.change, title="Task", button="Save task")


def edit_win(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes a win."""
    row = row_of(request, PlanWin, pk)
    return _changes(request, row, forms.WinForm, services.change_win, title="Win", button="Save win")


def close_objective(request: HttpRequest, pk: int) -> HttpResponse:
    """Closes an objective with evidence and next step."""
    row = row_of(request, PlanObjective, pk)
    title = f"Reached: {row.goal}"
    return _changes(request, row, forms.CloseForm, objectives.close, title=title, button="Close objective")


def drop_objective(request: HttpRequest, pk: int) -> HttpResponse:
    """Gives an objective up."""
    row = row_of(request, PlanObjective, pk)

    def drop(**values: Any) -> tuple[Account, str]:
        objectives.drop(row, by=reader(request), at=now(), **values)
        return row.plan.account, f"“{row}” is given up."

    form = forms.DropForm(posted(request), initial={"version": row.version})
    return _carry_out(request, form, drop, title=f"Give up: {row.goal}", button="Give up")


def _pressed(request: HttpRequest, row: Any, account: Account, verb: Callable[[], str]) -> HttpResponse:
    """Carries out what a button asks for, and says what it did, or why it did nothing."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    try:
        return saved(request, account, verb())
    except ValidationError as error:
        return refused(request, account, error)


def reopen_objective(request: HttpRequest, pk: int) -> HttpResponse:
    """An objective is to be reached again."""
    row = row_of(request, PlanObjective, pk)

    def reopen() -> str:
        objectives.reopen(row, by=reader(request), at=now())
        return f"“{row}” is open again."

    return _pressed(request, row, row.plan.account, reopen)


def tick_task(request: HttpRequest, pk: int) -> HttpResponse:
    """Ticks a task, takes the tick back, or says that it is not needed."""
    row = row_of(request, PlanTask, pk)
    asked = request.POST.get("to", "done")

    def tick() -> str:
        if asked == "open":
            tasks.reopen(row, by=reader(request), at=now())
            return f"“{row}” is open again."
        state = PlanTask.State.SKIPPED if asked == "skipped" else PlanTask.State.DONE
        tasks.finish(row, by=reader(request), at=now(), state=state)
        return f"“{row}” is {row.get_state_display().lower()}."

    return _pressed(request, row, row.plan.account, tick)


def revoke_link(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes a link back."""
    row = row_of(request, PlanLink, pk)

    def revoke() -> str:
        links.revoke(row, by=reader(request), at=now())
        return f"The link for {row.stakeholder} opens nothing any more."

    return _pressed(request, row, row.plan.account, revoke)


def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Says that a plan was reviewed, puts it on hold, goes on with it, or completes it."""
    plan = row_of(request, SuccessPlan, pk)
    asked, by = request.POST.get("to", ""), reader(request)

    def moved() -> str:
        if asked == "review":
            reviews.hold(plan, by=by, at=now())
            return f"“{plan}” is reviewed. The next review stands in the work of its CSM."
        if asked == "hold":
            services.hold(plan, by=by, at=now(), because=f"{by} put it on hold.")
        elif asked == "complete":
            services.complete(plan, by=by, at=now())
        else:
            services.go_on(plan, by=by, at=now())
        return f"“{plan}” is {plan.get_state_display().lower()}."

    return _pressed(request, plan, plan.account, moved)


def start_page(page: Any, request: HttpRequest, account: Account) -> HttpResponse:
    """Starts a plan by hand, with what fits the account chosen already."""
    form = forms.StartForm(posted(request))
    if request.method != "POST":
        fits = form.choice.plan(account, starting.people_by_role(account).get(starting.CHAMPION))
        path_ = form.choice.path(account)
        form.initial = {"template": fits and fits.template.key, "path": path_ and path_.template.key}

    def start(onboarding: bool, **values: Any) -> tuple[Account, str]:
        lists = form.choice.lists() if onboarding else []
        plan = starting.start(account, lists=lists, by=reader(request), at=now(), **values)
        return account, f"“{plan}” is started."

    return carry_out(request, form, start, title=f"Plan with {account}", button="Start plan")


pages.add("start-plan", Page("Start a success plan…", start_page))
