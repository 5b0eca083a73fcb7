"""What the console shows where there is nothing to show, or nothing for this user."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import defaults


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """There is no such page, or it is not theirs to see: nobody learns which."""
    return _page(request, exception, 404, defaults.page_not_found)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Their role does not open this page."""
    return _page(request, exception, 403, defaults.permission_denied)


def stale(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form was sent that this session did not get: an old page, another sign-in, or a browser without cookies."""
    context = {**admin.site.each_context(request), "title": "This page is out of date"}
    return render(request, "holdfast/stale.html", context, status=403)


def _page(request: HttpRequest, exception: Exception, status: int, plain: Any) -> HttpResponse:
    user = getattr(request, "user", None)
    if not request.path.startswith("/admin/") or user is None or not user.is_authenticated:
        return plain(request, exception)
    context = {**admin.site.each_context(request), "title": "Not found" if status == 404 else "Not for your role"}
    return render(request, "holdfast/absent.html", context | {"status": status}, status=status)
