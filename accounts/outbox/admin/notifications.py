"""The page behind the bell: what the reader is told, what of it is new."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from accounts.foundation.clock import now
from accounts.foundation.console import reader
from accounts.outbox import queries, services

SHOWN = 100


def view(page: Any, request: HttpRequest) -> HttpResponse:
    """Lists the notifications of the reader; POST notes that one, or all of them, are read."""
    user = reader(request)
    if request.method == "POST":
        return _read(request)
    rows = list(queries.notifications(user)[:SHOWN])
    context = {"title": "Notifications", "rows": rows, "new": sum(1 for row in rows if row.read_at is None)}
    return page.page(request, "notifications", context)


def _read(request: HttpRequest) -> HttpResponse:
    """Marks what was opened as read and leads to what it tells of."""
    user, named = reader(request), request.POST.get("only", "")
    only = int(named) if named.isascii() and named.isdigit() and len(named) < 19 else None
    services.read(user, at=now(), only=only)
    row = queries.notifications(user).filter(pk=only).first() if only else None
    link = row.body.link if row and hasattr(row, "body") else ""
    return HttpResponseRedirect(
        link if link.startswith("/admin/") else reverse("admin:accounts_delivery_notifications")
    )
