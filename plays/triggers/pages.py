"""Starting a play by hand from the page of an account."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from accounts.foundation.clock import now
from accounts.foundation.console import reader
from accounts.portfolio.models import Account
from accounts.portfolio.registry import Page, pages
from accounts.team.models import User
from plays.decisions.models import Decision
from plays.definitions.models import Play
from plays.runs.models import Run
from plays.triggers import services


class StartForm(forms.Form):
    """Which play, and why."""

    play: forms.ModelChoiceField = forms.ModelChoiceField(
        queryset=None, empty_label="Choose a play", error_messages={"required": "Choose the play to start."}
    )
    reason = forms.CharField(
        max_length=250,
        label="Why?",
        help_text="In a few words; it stands beside the run, and whoever gets its work reads it.",
        error_messages={"required": "Say in a few words why; it stands beside the run."},
    )
    wish = forms.CharField(widget=forms.HiddenInput, max_length=40, required=False)
    """Names this page: sent twice, it starts once."""

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        kwargs["initial"] = {"wish": uuid.uuid4().hex}
        super().__init__(*args, **kwargs)
        published = Play.objects.for_user(user).filter(versions__isnull=False).distinct()
        self.fields["play"].queryset = published  # type: ignore[attr-defined]


def start_page(page: Any, request: HttpRequest, account: Account) -> HttpResponse:
    """Chooses a play, asks why, and starts it."""
    user = reader(request)
    form = StartForm(request.POST if request.method == "POST" else None, user=user)
    if request.method == "POST" and form.is_valid():
        decision = _started(form, account, by=user)
        if decision:
            _tell(request, decision)
            return HttpResponseRedirect(f"{reverse('admin:accounts_account_change', args=[account.pk])}?tab=work")
    context = {
        **page.admin_site.each_context(request),
        "title": f"Start a play for {account.name}",
        "account": account,
        "form": form,
    }
    return render(request, "plays/start/page.html", context, status=400 if form.errors else 200)


def _started(form: StartForm, account: Account, *, by: User) -> Decision | None:
    given = form.cleaned_data
    occurrence = given["wish"] or uuid.uuid4().hex
    try:
        [decision] = services.start_by_hand(
            given["play"], [account], occurrence=occurrence, reason=given["reason"], by=by, at=now()
        )
    except ValidationError as refused:
        form.add_error(None, refused.messages)
        return None
    return decision


def _tell(request: HttpRequest, decision: Decision) -> None:
    if decision.outcome == Decision.Outcome.FIRED:
        messages.success(request, f"{decision.play} is running for {decision.account}.")
    else:
        messages.warning(request, f"{decision.play} did not start: {decision.detail}")


pages.add("start-play", Page("Start a play…", start_page, area=Run.AREA))
