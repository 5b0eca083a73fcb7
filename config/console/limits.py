"""The limits page of the console: every bound, what becomes of what is beyond, and how much is used."""

from itertools import groupby

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.foundation.console import reader
from accounts.foundation.scope import Area
from accounts.limits import queries
from accounts.limits.models import Crossing
from accounts.limits.registry import limits, spoken

LATEST = 10


def page(request: HttpRequest) -> HttpResponse:
    """For those who may see the settings of the installation."""
    user = reader(request)
    if user.reach(Area.SETTINGS) is None:
        raise PermissionDenied
    found = queries.lines()
    rows = [row for row in Crossing.objects.for_user(user)[:LATEST] if row.limit in limits]
    context = {
        "title": "Limits",
        "near": [line for line in found if line.is_near],
        "groups": [(group, list(lines)) for group, lines in groupby(found, key=lambda line: line.limit.group.value)],
        "warned": [(limits[row.limit], row, *_said(row)) for row in rows],
    }
    return render(request, "holdfast/limits/page.html", admin.site.each_context(request) | context)


def _said(row: Crossing) -> tuple[str, str]:
    """How much was used of how much, in the unit of the limit."""
    unit = limits[row.limit].unit
    return spoken(row.used, unit), spoken(row.bound, unit)
