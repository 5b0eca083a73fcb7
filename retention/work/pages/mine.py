"""The page My work."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.foundation.clock import now
from accounts.foundation.console import reader
from retention.work import mine
from retention.work.models import WorkItem

ROWS = 50
ALWAYS = {"open", "overdue", "today", "week", "waiting", "snoozed"}
"""Views that everybody finds; the others are there for whom there is something in them."""


def page(request: HttpRequest) -> HttpResponse:
    """One view of the reader's work, in groups by due time."""
    user, at = reader(request), now()
    if user.reach(WorkItem.AREA) is None:
        raise PermissionDenied
    name = request.GET.get("view", "")
    name = name if name in mine.VIEWS else "open"
    counts = mine.counts(user, at=at)
    found = Paginator(mine.rows(user, name, at=at), ROWS).get_page(request.GET.get("page"))
    lines = mine.lines(list(found.object_list), user, at=at)
    context: dict[str, Any] = {
        "title": "My work",
        "tabs": [
            (key, view.label, counts[key], key == name)
            for key, view in mine.VIEWS.items()
            if key in ALWAYS or counts[key] or key == name
        ],
        "view": name,
        "empty": mine.VIEWS[name].empty,
        "groups": mine.groups(lines, user, at=at),
        "found": found,
        "may_edit": user.may_edit(WorkItem.AREA),
    }
    return render(request, "retention/work/mine.html", admin.site.each_context(request) | context)
