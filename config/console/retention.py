"""For how long data is kept: what is kept for a time, and the page that changes it, with what the change deletes."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse

from accounts.foundation.clock import now
from accounts.foundation.console import blame, reader
from accounts.foundation.scope import Area
from accounts.keeping import queries, services


class PeriodForm(forms.Form):
    """For how long one kind of data is kept."""

    days = forms.IntegerField(label="Days", min_value=1, max_value=100_000)


def page(request: HttpRequest) -> HttpResponse:
    """Every kind of data that is kept for a time; for those who may see the settings."""
    _must_see(request)
    context = {"title": "Retention", "lines": queries.lines(), "may_edit": reader(request).may_edit(Area.SETTINGS)}
    return _shown(request, "page", context)


def change(request: HttpRequest, name: str) -> HttpResponse:
    """Shows what another period would delete; confirmed, sets it."""
    _must_see(request)
    if not reader(request).may_edit(Area.SETTINGS):
        raise PermissionDenied
    line = queries.line(name)
    if line is None:
        raise Http404("There is no such kind of data.")
    form = PeriodForm(request.POST or None, initial={"days": line.days})
    plan = _planned(request, name, form) if request.method == "POST" and form.is_valid() else None
    if plan and request.POST.get("confirm") == str(plan.days):
        services.set_period(name, days=plan.days, by=reader(request), at=now())
        messages.success(request, f"{line.period.label}: kept for {plan.days:,} days from the next run on.")
        return HttpResponseRedirect(reverse("retention"))
    context = {"title": line.period.label, "line": line, "form": form, "plan": plan}
    return _shown(request, "change", context, status=400 if form.errors else 200)


def _planned(request: HttpRequest, name: str, form: PeriodForm) -> services.Plan | None:
    try:
        return services.plan_period(name, days=form.cleaned_data["days"], at=now())
    except ValidationError as refused:
        blame(form, refused)
        return None


def _must_see(request: HttpRequest) -> None:
    if reader(request).reach(Area.SETTINGS) is None:
        raise PermissionDenied


def _shown(request: HttpRequest, name: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    whole = admin.site.each_context(request) | context
    return render(request, f"holdfast/retention/{name}.html", whole, status=status)


urlpatterns = [
    path("", admin.site.admin_view(page), name="retention"),
    path("<slug:name>/", admin.site.admin_view(change), name="retention_change"),
]
