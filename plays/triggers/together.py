"""Starting a play for many accounts, from their list: first the plan, then exactly that."""

from collections import Counter
from typing import Any

from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from accounts.foundation.clock import now
from accounts.foundation.console import reader
from accounts.portfolio.models import Account
from accounts.portfolio.queries import listed
from accounts.portfolio.registry import Together, together
from plays.decisions.models import Decision
from plays.runs.models import Run
from plays.triggers import services
from plays.triggers.pages import StartForm

MOST = 1000
SHOWN = 100
NAME = "start-play"


def view(page: Any, request: HttpRequest, chosen: QuerySet[Any]) -> HttpResponse:
    """Asks which play and why, shows who would start and who not, and then starts it."""
    accounts = list(chosen.filter(pk__in=listed().values("pk")).order_by("name", "pk")[: MOST + 1])
    if not accounts or len(accounts) > MOST:
        few = f"Choose at most {MOST} accounts at once; narrow the list with its filters."
        messages.warning(request, few if accounts else "None of these accounts is one that people still work with.")
        return HttpResponseRedirect(request.get_full_path())
    step = request.POST.get("step", "")
    form = StartForm(request.POST if step else None, user=reader(request))
    planned: list[Decision] = []
    if step and form.is_valid():
        if step == "start" and form.cleaned_data["wish"] and _started(form, accounts, request):
            return HttpResponseRedirect(request.get_full_path())
        planned = _planned(form, accounts)
    return _page(page, request, form, accounts, planned)


def _planned(form: StartForm, accounts: list[Account]) -> list[Decision]:
    given = form.cleaned_data
    try:
        return services.plan_by_hand(given["play"], accounts, reason=given["reason"], at=now())
    except ValidationError as refused:
        form.add_error(None, refused.messages)
        return []


def _started(form: StartForm, accounts: list[Account], request: HttpRequest) -> bool:
    given = form.cleaned_data
    try:
        decisions = services.start_by_hand(
            given["play"], accounts, occurrence=given["wish"], reason=given["reason"], by=reader(request), at=now()
        )
    except ValidationError as refused:
        form.add_error(None, refused.messages)
        return False
    started = sum(one.outcome == Decision.Outcome.FIRED for one in decisions)
    messages.success(request, f"{given['play']} started for {_count(started)}.")
    if rest := len(decisions) - started:
        messages.info(request, f"It did not start for {_count(rest)}; the decisions of the play say why.")
    return True


def _count(number: int) -> str:
    return "1 account" if number == 1 else f"{number} accounts"


def _page(
    page: Any, request: HttpRequest, form: StartForm, accounts: list[Account], planned: list[Decision]
) -> HttpResponse:
    starts = [one.account for one in planned if one.outcome == Decision.Outcome.FIRED]
    stays = [one for one in planned if one.outcome != Decision.Outcome.FIRED]
    context = {
        **page.admin_site.each_context(request),
        "title": f"Start a play for {_count(len(accounts))}",
        "form": form,
        "accounts": accounts,
        "planned": bool(planned),
        "starts": starts[:SHOWN],
        "start_count": _count(len(starts)) if starts else "",
        "more_starts": max(0, len(starts) - SHOWN),
        "stays": stays[:SHOWN],
        "sums": Counter(one.get_outcome_display() for one in stays).most_common(),
        "checkbox": ACTION_CHECKBOX_NAME,
        "action": NAME,
        "here": request.get_full_path(),
    }
    return render(request, "plays/start/together.html", context, status=400 if form.errors else 200)


together.add(NAME, Together("Start a play\u2026", view, area=Run.AREA))
