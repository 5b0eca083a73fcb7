"""Short forms: fetched into a dialog or a cell by a script, or opened as a page of their own without one."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.apps import apps
from django.contrib import admin, messages
from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.text import capfirst

from accounts.foundation.console import blame, reader
from accounts.foundation.records import Record
from accounts.portfolio.models import Account

SALT = "touches.undo"
FORM = "accounts/quick/short.html"
"""The template of a short form that needs none of its own."""


class ShortForm(forms.Form):
    """A form that opens over a page: the ids of its fields differ from those of the page's own forms."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "short_%s")
        super().__init__(*args, **kwargs)


def is_fetched(request: HttpRequest) -> bool:
    """Whether a script asks for the form alone, not for a page."""
    return request.headers.get("X-Requested-With") == "fetch"


def posted(request: HttpRequest) -> Any:
    """What was typed; None where the form was only opened."""
    return request.POST if request.method == "POST" else None


def account_of(request: HttpRequest, pk: Any) -> Account:
    """The account that the reader may change; 404 where there is none."""
    return row_of(request, Account, pk)


def row_of(request: HttpRequest, model: type[Record], pk: Any) -> Any:
    """A row that the reader may see and change; 404 where there is none."""
    must_edit(request)
    row = model.objects.for_user(reader(request)).filter(pk=pk).first()
    if row is None:
        raise Http404("There is no such account, or it is not yours to see.")
    return row


def must_edit(request: HttpRequest) -> None:
    if not reader(request).may_edit(Account.AREA):
        raise PermissionDenied


def show(request: HttpRequest, template: str, title: str, form: forms.Form, **context: Any) -> HttpResponse:
    """The form, with what was typed and what is wrong with it."""
    context |= {"title": title, "form": form, "action": request.get_full_path(), "template": template}
    status = 400 if form.errors else 200
    if is_fetched(request):
        return render(request, template, context, status=status)
    page = admin.site.each_context(request) | {"section": _section(request)} | context
    return render(request, "accounts/quick/page.html", page, status=status)


def _section(request: HttpRequest) -> dict[str, str]:
    """The list to which a page belongs, by its route: `retention_officehours_edit` is among the office hours."""
    route = (request.resolver_match and request.resolver_match.url_name) or ""
    app, model = [*route.split("_"), ""][:2]
    try:
        listed = apps.get_model(app, model)
        return {"url": reverse(f"admin:{app}_{model}_changelist"), "name": capfirst(listed._meta.verbose_name_plural)}
    except (LookupError, ValueError, NoReverseMatch):
        return {"url": reverse("admin:accounts_account_changelist"), "name": "Accounts"}


def carry_out(
    request: HttpRequest, form: forms.Form, verb: Callable[..., tuple[Account | None, str]], *, title: str, button: str
) -> HttpResponse:
    """Shows the form; posted, gives what was typed to `verb`, which says for which account it did what."""
    if form.is_valid():
        try:
            account, message = verb(**form.cleaned_data)
        except ValidationError as error:
            blame(form, error)
        else:
            return saved(request, account, message)
    return show(request, FORM, title, form, button=button)


def saved(request: HttpRequest, account: Account | None, message: str, **undo: int) -> HttpResponse:
    """Says that it is saved; `undo` names the rows by which it can be taken back.

    It leads to the account, or home where the row has none yet.
    """
    if is_fetched(request):
        token = signing.dumps(undo, salt=SALT) if undo else ""
        return JsonResponse({"message": message, "undo": token, "account": account.pk if account else None})
    messages.success(request, message)
    there = reverse("admin:accounts_account_change", args=[account.pk]) if account else reverse("admin:index")
    return HttpResponseRedirect(there)


def refused(request: HttpRequest, account: Account, error: ValidationError) -> HttpResponse:
    """Says why a button did nothing."""
    text = " ".join(error.messages)
    if is_fetched(request):
        return JsonResponse({"message": text}, status=409)
    messages.error(request, text)
    there = reverse("admin:accounts_account_change", args=[account.pk]) if account else reverse("admin:index")
    return HttpResponseRedirect(there)
