"""The console's import of a table: upload, say what the columns mean, look at the plan, then set it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from accounts.facts import importing
from accounts.facts.importing import Plan, Table
from accounts.foundation.clock import now
from accounts.foundation.console import ConsoleAdmin, reader
from accounts.portfolio.models import Account

SHOWN = 50


def view(page: ConsoleAdmin, request: HttpRequest) -> HttpResponse:
    """One step of the import. The text travels with the form: nothing is kept until it is set."""
    if not reader(request).may_edit(Account.AREA):
        raise Http404
    context: dict[str, Any] = {**page.admin_site.each_context(request), "title": "Import values"}
    if request.method != "POST":
        return render(request, "accounts/facts/import.html", context)
    try:
        text = _text(request)
        table = importing.read(text)
    except ValidationError as error:
        context["error"] = " ".join(error.messages)
        return render(request, "accounts/facts/import.html", context, status=400)
    meanings = [one.replace("\x00", "") for one in request.POST.getlist("column")] or importing.guessed(table.headers)
    meanings = (meanings + [importing.IGNORE] * len(table.headers))[: len(table.headers)]
    plan, error_text = _plan(table, meanings, request)
    if plan and plan.ready and "do" in request.POST:
        return _done(request, plan)
    context |= {
        "text": text,
        "columns": list(zip(table.headers, meanings, _examples(table), strict=True)),
        "targets": importing.targets(),
        "plan": plan,
        "error": error_text,
        "ready": plan.ready[:SHOWN] if plan else [],
        "wrong": plan.wrong[:SHOWN] if plan else [],
        "total": len(table.rows),
    }
    return render(request, "accounts/facts/import.html", context)


def _text(request: HttpRequest) -> str:
    """The table, as a file or as it came back with the form."""
    file: Any = request.FILES.get("file")
    if file is None:
        text = request.POST.get("text", "")
        if not text.strip():
            raise ValidationError("Choose a file first.")
        return importing.decoded(text.encode("utf-8", "replace"))
    return importing.decoded(file.read(importing.LARGEST + 1))


def _examples(table: Table) -> list[str]:
    """The first filled cell of each column."""
    places = range(len(table.headers))
    return [next((row[at] for row in table.rows if at < len(row) and row[at].strip()), "") for at in places]


def _plan(table: Table, meanings: list[str], request: HttpRequest) -> tuple[Plan | None, str]:
    try:
        return importing.plan(table, meanings, by=reader(request)), ""
    except ValidationError as error:
        return None, " ".join(error.messages)


def _done(request: HttpRequest, plan: Plan) -> HttpResponse:
    try:
        count = importing.carry_out(plan, by=reader(request), at=now())
    except ValidationError as error:
        messages.error(request, f"Nothing was set: {' '.join(error.messages)}")
        return HttpResponseRedirect(reverse("admin:accounts_customfact_import"))
    left = f" {len(plan.wrong)} rows were left out." if plan.wrong else ""
    messages.success(request, f"{plan.values} values of {count} accounts are set.{left}")
    return HttpResponseRedirect(reverse("admin:accounts_account_changelist"))
