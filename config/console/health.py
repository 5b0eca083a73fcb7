"""The health page of the console: what waits in each stage, and which workers live."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.foundation.clock import now
from accounts.foundation.console import reader
from accounts.foundation.scope import Area
from accounts.limits.models import Crossing
from config.health.state import state


def page(request: HttpRequest) -> HttpResponse:
    """For those who may see the settings of the installation."""
    user = reader(request)
    if user.reach(Area.SETTINGS) is None:
        raise PermissionDenied
    context = {
        "title": "Health",
        "found": state(now()),
        "near": Crossing.objects.for_user(user).filter(ended_at=None).count(),
        "may_decide": user.may_edit(Area.DEFINITIONS),
    }
    return render(request, "holdfast/health/page.html", admin.site.each_context(request) | context)
