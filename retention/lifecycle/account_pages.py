"""Moving an account to a stage by hand, from its page."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from accounts.foundation.clock import now
from accounts.foundation.console import filled_in, reader
from accounts.portfolio.models import Account
from accounts.portfolio.registry import Page, pages
from retention.lifecycle import moving
from retention.lifecycle.forms import MoveForm
from retention.lifecycle.models import Lifecycle
from retention.lifecycle.queries import Position, position, primary_version


def move_page(page: Any, request: HttpRequest, account: Account) -> HttpResponse:
    """Chooses the stage, asks why and until when; or gives the account back to the criteria."""
    version = primary_version()
    if version is None:
        messages.warning(request, "There is no primary lifecycle yet; import one with a playbook.")
        return _back(account)
    found = position(account)
    if request.method == "POST" and "give_back" in request.POST:
        return _given_back(request, account, version.lifecycle)
    here = found.standing.stage.key if found.standing and found.standing.stage else ""
    data = request.POST if request.method == "POST" else None
    form = MoveForm(data, stages=[one for one in found.stages if one.key != here])

    def moved(**given: Any) -> Any:
        return moving.move(account, lifecycle=version.lifecycle, **given)

    if placement := filled_in(request, form, moved):
        name = next(one.name for one in found.stages if one.key == placement.stage)
        messages.success(request, f"{account.name} is in {name} now.")
        return _back(account)
    return _shown(page, request, account, found, form)


def _shown(page: Any, request: HttpRequest, account: Account, found: Position, form: MoveForm) -> HttpResponse:
    context = {
        **page.admin_site.each_context(request),
        "title": f"Move {account.name} by hand",
        "account": account,
        "form": form,
        "position": found,
    }
    return render(request, "retention/lifecycle/move.html", context, status=400 if form.errors else 200)


def _given_back(request: HttpRequest, account: Account, lifecycle: Lifecycle) -> HttpResponse:
    if moving.is_by_hand(account, lifecycle):
        moving.give_back(account, lifecycle=lifecycle, by=reader(request), at=now())
        messages.success(request, "The criteria say again where it stands.")
    else:
        messages.info(request, "The criteria say already where it stands.")
    return _back(account)


def _back(account: Account) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:accounts_account_change", args=[account.pk]))


pages.add("move-stage", Page("Move to a stage…", move_page))
