"""The book: a CSM's accounts in one dense table, changed in place."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from accounts.foundation.clock import now
from accounts.foundation.console import reader
from accounts.foundation.scope import Area
from accounts.portfolio.queries import saved_filters
from config.console.book import chosen
from config.console.book.export import answer
from config.console.book.form import SORTS, BookForm
from config.console.book.rows import lines, total

PAGE = "book"
ROWS = 50
COLUMNS = {
    "name": "Account",
    "health": "Health",
    "stage": "Stage",
    "arr": "ARR",
    "trend": "Trend",
    "renewal": "Contract ends",
    "decision": "Decide by",
    "contact": "Last contact",
    "step": "Next step",
    "pulse": "Pulse",
}
RIGHT = {"arr", "trend"}
DOWN_FIRST = {"arr"}
"""Columns of which people want to see the largest first."""


def page(request: HttpRequest) -> HttpResponse:
    """The book as the address asks for it."""
    _must_see(request)
    user, at, sort = reader(request), now(), _sort(request)
    form = BookForm(request.GET, user=user)
    rows = form.rows(sort=sort, at=at)
    found = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    query = _query(form, sort)
    context = {
        "title": "Book",
        "form": form,
        "found": found,
        "total": total(rows),
        "lines": lines(list(found.object_list), at=at),
        "heads": [_head(name, sort, query) for name in COLUMNS],
        "query": urlencode(query, doseq=True),
        "chosen": list(chosen.filters(form, query)),
        "is_filtered": bool(query.keys() - {"sort", "whose"}),
        "quick": chosen.QUICK.items(),
        "may_edit": user.may_edit(Area.ACCOUNTS),
        "filters": [(saved, saved.user_id == user.pk) for saved in saved_filters(user, PAGE)],
    }
    return render(request, "holdfast/book/page.html", admin.site.each_context(request) | context)


def export(request: HttpRequest) -> HttpResponseBase:
    """What the book shows, all pages of it, as a file."""
    _must_see(request)
    at = now()
    return answer(BookForm(request.GET, user=reader(request)).rows(sort=_sort(request), at=at), at=at)


def _must_see(request: HttpRequest) -> None:
    if reader(request).reach(Area.ACCOUNTS) is None:
        raise PermissionDenied


def _sort(request: HttpRequest) -> str:
    """The column by which the rows stand, with a minus where it goes down."""
    sort = request.GET.get("sort", "")
    return sort if sort.removeprefix("-") in SORTS else "name"


def _query(form: BookForm, sort: str) -> dict[str, Any]:
    """What the address says, without what it need not say."""
    query = {name: value if isinstance(value, list) else str(value) for name, value in form.chosen().items()}
    return query | ({} if sort == "name" else {"sort": sort})


def _head(name: str, sort: str, query: dict[str, Any]) -> dict[str, Any]:
    """One heading: the address that sorts by it, and how it is sorted now."""
    is_now, is_down = sort.removeprefix("-") == name, sort.startswith("-")
    down = not is_down if is_now else name in DOWN_FIRST
    return {
        "title": COLUMNS[name],
        "query": urlencode(query | {"sort": f"-{name}" if down else name}, doseq=True),
        "sorted": ("descending" if is_down else "ascending") if is_now else "",
        "is_right": name in RIGHT,
    }
