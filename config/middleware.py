"""Small request-wide settings."""

import zoneinfo
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.foundation import audit
from accounts.workspace.queries import workspace


class ReaderTimeZone:
    """Shows times in the reader's zone, and names the door for the audit trail."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        door = "api" if request.path.startswith("/api/") else "console"
        with audit.through(door):
            if request.path.startswith("/admin/") and request.user.is_authenticated:
                with timezone.override(zoneinfo.ZoneInfo(request.user.time_zone or workspace().time_zone)):
                    return self.get_response(request)
            return self.get_response(request)
