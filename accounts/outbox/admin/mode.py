"""The page of the outbound mode: first what a change would send, then the change."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from accounts.foundation.clock import now
from accounts.foundation.console import reader
from accounts.outbox import queries
from accounts.outbox.admin.forms import OutboundForm
from accounts.workspace import services
from accounts.workspace.models import Workspace
from accounts.workspace.queries import workspace


def view(page: Any, request: HttpRequest) -> HttpResponse:
    """Shows the mode and what waits; with a mode chosen, what it would do; confirmed, does it."""
    if reader(request).reach(Workspace.AREA) is None:
        raise Http404
    here, may_edit = workspace(), reader(request).may_edit(Workspace.AREA)
    initial = {"mode": here.outbound_mode, "allowed": "\n".join(here.outbound_allowed)}
    form = OutboundForm(request.POST or None, initial=initial)
    plan = None
    if request.method == "POST":
        if not may_edit:
            raise Http404
        if form.is_valid() and request.POST.get("confirm") == "1" and _is_set(form, request):
            messages.success(request, f"The outbound mode is now: {_words(form)}.")
            return HttpResponseRedirect(reverse("admin:accounts_delivery_mode"))
        if not form.errors:
            plan = queries.plan(form.cleaned_data["mode"], form.cleaned_data["allowed"], at=now())
    context = {
        "title": "Outbound mode",
        "form": form,
        "mode": here.get_outbound_mode_display(),
        "plan": plan,
        "chosen": _words(form),
        "may_edit": may_edit,
    }
    return page.page(request, "mode", context, status=400 if form.errors else 200)


def _words(form: OutboundForm) -> str:
    return str(dict(Workspace.OutboundMode.choices).get(form["mode"].value() or "", ""))


def _is_set(form: OutboundForm, request: HttpRequest) -> bool:
    try:
        services.set_outbound(**form.cleaned_data, by=reader(request), at=now())
    except ValidationError as refused:
        for name, texts in (refused.message_dict if hasattr(refused, "error_dict") else {"": refused.messages}).items():
            form.add_error(name if name in form.fields else None, texts)
        return False
    return True
