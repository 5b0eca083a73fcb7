"""The page that counts kept events for an entry of the tracking plan: first the plan, then how far it is."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.foundation.clock import now
from accounts.foundation.console import reader
from accounts.ingestion.models import Feature, HistoryCount, Milestone
from accounts.ingestion.plan import history, queries


def view(page: Any, request: HttpRequest, row: Any) -> HttpResponse:
    """What counting would look at, or how far it is; posted, asks for it."""
    if not isinstance(row, Feature | Milestone):
        raise Http404("Only features and milestones are counted from events.")
    part = row._meta.model_name
    if request.method == "POST":
        count, _ = history.ask(row, by=reader(request), at=now())
        return redirect(f"{reverse('admin:accounts_plan_history', args=[part, row.pk])}?count={count.pk}")
    found = _shown(request, row)
    context: dict[str, Any] = {"title": f"{row.name}: earlier events", "row": row, "part": part, "count": found}
    context["counted_until"] = queries.counted_until(found) if found else None
    if request.headers.get("HX-Request"):
        return render(request, "accounts/plan/history_progress.html", context)
    context |= {**page.admin_site.each_context(request), "kept": history.kept(row)}
    return render(request, "accounts/plan/history.html", context)


def _shown(request: HttpRequest, row: Feature | Milestone) -> HistoryCount | None:
    """The counting that the address names, or the one under way; None where there is nothing but the plan."""
    text = request.GET.get("count", "")
    named = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
    return row.history_counts.filter(pk=named).first() or queries.open_count(row)
