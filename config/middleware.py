"""Small request-wide settings."""

import zoneinfo
from collections.abc import Callable
from contextlib import nullcontext

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from accounts.foundation import audit
from accounts.foundation.clock import now
from accounts.foundation.console import reader
from accounts.foundation.remembering import remembering
from accounts.sign_in import entering, factors
from accounts.throttling.services import TooMany
from accounts.workspace.queries import workspace
from config.api import problems
from config.console import sign_in


class ReaderTimeZone:
    """Shows times in the reader's zone, and names the door for the audit trail.

    Pages that only read ask once for the workspace, however many parts of them want its day or its hours.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        door = "api" if request.path.startswith("/api/") else "console"
        reads = request.method in ("GET", "HEAD")
        with audit.through(door), remembering() if reads else nullcontext():
            if request.path.startswith("/admin/") and request.user.is_authenticated:
                with timezone.override(zoneinfo.ZoneInfo(request.user.time_zone or workspace().time_zone)):
                    return self.get_response(request)
            return self.get_response(request)


class SessionRules:
    """Ends a session that was left alone for too long, or that began too long ago, whatever its cookie says."""

    NOTED = 300
    """Seconds between two notes of when a session was seen; a note is a write."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Without the cookie there is no session: signals and API keys must not pay for asking who signed in.
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            self._look_at(request)
        return self.get_response(request)

    def _look_at(self, request: HttpRequest) -> None:
        at, session = now().timestamp(), request.session
        began, seen = session.setdefault("began", at), session.setdefault("seen", at)
        if at - seen > settings.SESSION_IDLE_HOURS * 3600 or at - began > settings.SESSION_COOKIE_AGE:
            logout(request)
            messages.info(request, "You were signed out, because nothing happened here for a while.")
        elif at - seen > self.NOTED:
            session["seen"] = at


class SecondStep:
    """Leads whoever must show more than a password to their security page, and to no other page, until they have."""

    OPEN = ("/admin/security/", "/admin/login/", "/admin/logout/", "/admin/password_change/", "/admin/jsi18n/")

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_inside = request.path.startswith(("/admin/", "/api/")) and not request.path.startswith(self.OPEN)
        has_session = is_inside and settings.SESSION_COOKIE_NAME in request.COOKIES
        if has_session and request.user.is_authenticated and entering.owes_a_step(request):
            return self._led(request)
        return self.get_response(request)

    def _led(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith("/api/"):
            return problems.second_step_missing()
        if factors.is_on(reader(request)):  # signed in before they set it up, in another browser
            logout(request)
            messages.info(request, "Sign in again, with the code of your authenticator app.")
            return HttpResponseRedirect(reverse("admin:login"))
        return HttpResponseRedirect(reverse("security"))


class Throttled:
    """Answers 429 where a limit was used up, whichever view met it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, TooMany):
            return None
        if request.path.startswith("/api/"):
            return problems.too_many(error.wait_s)
        return sign_in.too_many(request, error)
