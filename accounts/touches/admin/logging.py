"""Logging a touch from any page, and taking it back."""

import datetime as dt
from typing import Any

from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse

from accounts.foundation.clock import now
from accounts.foundation.console import blame, reader
from accounts.portfolio.models import Account
from accounts.portfolio.queries import listed
from accounts.portfolio.quick import SALT, must_edit, row_of, saved, show
from accounts.touches import services
from accounts.touches.forms import LogForm
from accounts.touches.models import NextStep, Pulse, Touch

FORM = "accounts/touches/log.html"
FOUND = 10


def log_view(request: HttpRequest) -> HttpResponse:
    """The form that logs a touch; posted with `fill` it only changes the account and keeps what was typed."""
    must_edit(request)
    account = _chosen(request)
    if request.method != "POST" or "fill" in request.POST:
        typed = {name: value for name, value in request.POST.items() if value}
        form = LogForm(initial=typed, account=account)
        return show(request, FORM, "Log touch", form, account=account)
    form = LogForm(request.POST, account=account)
    if form.is_valid():
        try:
            return _log(request, form)
        except ValidationError as error:
            blame(form, error)
    return show(request, FORM, "Log touch", form, account=account)


def _chosen(request: HttpRequest) -> Account | None:
    """The account that the form or the address names; what the reader may not see was not chosen."""
    text = request.POST.get("account") or request.GET.get("account", "")
    if not text.isdecimal() or len(text) > 18:
        return None
    return Account.objects.for_user(reader(request)).filter(pk=int(text), merged_into=None).first()


@transaction.atomic
def _log(request: HttpRequest, form: LogForm) -> HttpResponse:
    account, by, at, values = form.account, reader(request), now(), form.cleaned_data
    assert account is not None
    touch = services.log(account, by=by, at=at, **form.touch())
    undo = {"touch": touch.pk}
    if values["next_step"]:
        step = services.set_next_step(account, text=values["next_step"], due_on=values["due_on"], by=by, at=at)
        undo["step"] = step.pk
    if values["pulse"]:
        undo["pulse"] = services.set_pulse(account, value=values["pulse"], by=by, at=at).pk
    return saved(
        request,
        account,
        f"{touch.get_kind_display()} {'on' if touch.kind == Touch.Kind.NOTE else 'with'} {account} is logged.",
        **undo,
    )


def undo_view(request: HttpRequest) -> HttpResponse:
    """Takes back what the reader just saved: everything it consisted of, or nothing."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    must_edit(request)
    try:
        rows = signing.loads(request.POST.get("undo", ""), salt=SALT, max_age=services.OWN_FOR)
    except signing.BadSignature:
        return JsonResponse({"message": "This cannot be taken back any more."}, status=409)
    try:
        _undo(request, rows)
    except ValidationError as error:
        return JsonResponse({"message": " ".join(error.messages)}, status=409)
    return JsonResponse({"message": "Taken back."})


UNDOING: dict[str, tuple[Any, Any]] = {
    "touch": (Touch, services.delete),
    "step": (NextStep, services.withdraw_next_step),
    "pulse": (Pulse, services.withdraw_pulse),
}
"""What was saved → its model, and the verb that takes it back."""


@transaction.atomic
def _undo(request: HttpRequest, rows: dict[str, int]) -> None:
    at: dt.datetime = now()
    for name, pk in rows.items():
        model, verb = UNDOING[name]
        verb(row_of(request, model, pk), by=reader(request), at=at)


def accounts_view(request: HttpRequest) -> HttpResponse:
    """The accounts whose names hold what was typed, for the account field; those of the reader, best first."""
    must_edit(request)
    typed = request.GET.get("q", "").strip().replace("\0", "")[:100]
    rows = listed().for_user(reader(request))  # type: ignore[attr-defined]
    if typed:
        rows = rows.filter(name__icontains=typed)
    found = rows.order_by("name", "id").values("id", "name")[:FOUND]
    return JsonResponse({"accounts": list(found)})
