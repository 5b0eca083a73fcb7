"""Changing several accounts of the book at once, and keeping its filters: said first, done then."""

from typing import Any
from urllib.parse import parse_qsl, urlencode

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import redirect

from accounts.foundation.clock import now
from accounts.foundation.console import blame, reader
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account, AccountMember
from accounts.portfolio.queries import listed, saved_filters
from accounts.portfolio.quick import ShortForm, is_fetched, must_edit, posted, show
from accounts.team.queries import colleagues
from accounts.touches import services as touches
from accounts.touches.forms import NextStepForm, PulseForm
from config.console.book.views import PAGE

FORM = "holdfast/book/bulk.html"
AT_MOST = 200
NAMED = 8


class CsmForm(ShortForm):
    """Who becomes the CSM."""

    user: forms.ModelChoiceField = forms.ModelChoiceField(queryset=None, label="CSM", empty_label="Choose a colleague")

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = colleagues(user)  # type: ignore[attr-defined]


class FilterForm(ShortForm):
    """The name under which a filter is kept."""

    name = forms.CharField(max_length=80, label="Name", help_text="A name that you used already is given to this one.")
    is_shared = forms.BooleanField(required=False, label="Show it to everybody")


def assign_view(request: HttpRequest) -> HttpResponse:
    """Gives the chosen accounts a CSM."""
    accounts = _chosen(request)
    form = CsmForm(posted(request), user=reader(request))

    def assign(account: Account, user: Any) -> None:
        portfolio.assign(account, part=AccountMember.Part.CSM, user=user, by=reader(request), at=now())

    title = f"Assign a CSM to {_count(accounts)}"
    return _carry_out(request, accounts, form, assign, title, "Assign CSM")


def step_view(request: HttpRequest) -> HttpResponse:
    """Sets the same next step for the chosen accounts."""
    accounts = _chosen(request)

    def set_step(account: Account, **values: Any) -> None:
        touches.set_next_step(account, by=reader(request), at=now(), **values)

    title = f"Set the next step of {_count(accounts)}"
    return _carry_out(request, accounts, NextStepForm(posted(request)), set_step, title, "Set next step")


def pulse_view(request: HttpRequest) -> HttpResponse:
    """Sets the same pulse for the chosen accounts."""
    accounts = _chosen(request)

    def set_pulse(account: Account, **values: Any) -> None:
        touches.set_pulse(account, by=reader(request), at=now(), **values)

    title = f"Set the pulse of {_count(accounts)}"
    return _carry_out(request, accounts, PulseForm(posted(request)), set_pulse, title, "Set pulse")


def _carry_out(
    request: HttpRequest, accounts: list[Account], form: forms.Form, verb: Any, title: str, button: str
) -> HttpResponse:
    """Shows what will be done; posted, does it to all of them or to none."""
    if form.is_valid() and accounts:
        try:
            with transaction.atomic():
                for account in accounts:
                    verb(account, **form.cleaned_data)
        except ValidationError as error:
            blame(form, error)
        else:
            return _done(request, f"{button}: done for {_count(accounts)}.")
    named = {"accounts": accounts[:NAMED], "more": max(0, len(accounts) - NAMED)}
    return show(request, FORM, title, form, button=button, **named)


def _done(request: HttpRequest, message: str) -> HttpResponse:
    if is_fetched(request):
        return JsonResponse({"message": message, "undo": ""})
    messages.success(request, message)
    return redirect("book")


def _count(accounts: list[Account]) -> str:
    return f"{len(accounts)} account{'' if len(accounts) == 1 else 's'}"


def _chosen(request: HttpRequest) -> list[Account]:
    """The accounts that are ticked, as far as the reader may change them."""
    must_edit(request)
    ids = [int(text) for text in request.GET.get("ids", "").split(",") if text.isdecimal() and len(text) < 19]
    rows: Any = listed().for_user(reader(request))  # type: ignore[attr-defined]
    return list(rows.filter(pk__in=ids[:AT_MOST]).order_by("name", "pk"))


def save_filter_view(request: HttpRequest) -> HttpResponse:
    """Keeps what the book shows under a name."""
    form = FilterForm(posted(request))
    if form.is_valid():
        query = urlencode([pair for pair in parse_qsl(request.GET.get("query", "")) if pair[0] != "page"])
        try:
            saved = portfolio.save_filter(page=PAGE, query=query, by=reader(request), at=now(), **form.cleaned_data)
        except ValidationError as error:
            blame(form, error)
        else:
            return _done(request, f"Filter “{saved}” is saved.")
    return show(request, "accounts/quick/short.html", "Save this filter", form, button="Save filter")


def forget_filter_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Deletes a filter of the reader's own."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    saved = saved_filters(reader(request), PAGE).filter(pk=pk, user=reader(request)).first()
    if saved:
        portfolio.forget_filter(saved, by=reader(request), at=now())
    return _done(request, "The filter is deleted.")
