"""Everybody's own security page: two-step sign-in, recovery codes, single sign-on."""

from typing import Any

import segno
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth import update_session_auth_hash
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.debug import sensitive_post_parameters

from accounts.foundation.clock import now
from accounts.foundation.commands import counted
from accounts.foundation.console import blame, reader
from accounts.foundation.sealing import Unreadable
from accounts.sign_in import entering, factors
from accounts.sign_in.models import Identity, SecondFactor
from accounts.sign_in.pages import CodeForm
from accounts.sign_in.rules import rules
from accounts.team import people
from accounts.team.models import User
from accounts.throttling.services import TooMany

DAY_S = 24 * 3600
OFFER = "factor_offer"
"""Key of the session: the sealed secret of the app that is being set up."""
MOVING = "factor_moving"
"""Key of the session: when they showed a code to move to another phone, in seconds since 1970."""
MOVE_WITHIN_S = 600


@sensitive_post_parameters("code")
def page(request: HttpRequest) -> HttpResponse:
    """How one signs in oneself, and the forms that change it."""
    user = reader(request)
    if request.POST.get("do") == "end_sessions":
        return _end_sessions(request, user)
    form = CodeForm(request.POST or None)
    verb = VERBS.get(request.POST.get("do", ""))
    if request.method == "POST" and verb and form.is_valid():
        try:
            return verb(request, user, form.cleaned_data["code"])
        except ValidationError as refused:
            blame(form, refused)
        except TooMany as error:
            form.add_error("code", f"Too many tries. Try again in {int(error.wait_s // 60) + 1} minutes.")
    return _shown(request, user, form)


def _shown(request: HttpRequest, user: User, form: forms.Form, codes: list[str] | None = None) -> HttpResponse:
    factor = SecondFactor.objects.filter(user=user).first()
    is_moving = factor is not None and _is_moving(request)
    sealed = _offer(request) if is_moving or not factor else ""
    context = {
        "title": "Your security",
        "factor": factor,
        "is_moving": is_moving,
        "left": factors.codes_left(user) if factor else 0,
        "demanded": rules().bind(user),
        "owes": entering.owes_a_step(request),
        "identity": Identity.objects.filter(user=user, issuer=settings.OIDC_ISSUER).first(),
        "provider": settings.OIDC_NAME if settings.OIDC_ISSUER else "",
        "form": form,
        "did": request.POST.get("do", ""),
        "codes": codes,
        "idle": counted(settings.SESSION_IDLE_HOURS, "hour"),
        "longest": counted(settings.SESSION_COOKIE_AGE // DAY_S, "day"),
        "drawing": _drawing(factors.address(sealed, user)) if sealed else "",
        "secret": factors.readable(sealed) if sealed else "",
    }
    whole = admin.site.each_context(request) | context
    response = render(request, "accounts/sign_in/security.html", whole, status=400 if form.errors else 200)
    response["Cache-Control"] = "no-store"  # secrets stand on it
    return response


def _offer(request: HttpRequest) -> str:
    """The offered secret: the same one until it counts, as a page that is loaded twice must not change it."""
    sealed = request.session.get(OFFER) or factors.offer()
    try:
        factors.readable(sealed)
    except Unreadable:
        sealed = factors.offer()
    request.session[OFFER] = sealed
    return sealed


def _drawing(text: str) -> SafeString:
    """The QR code as part of the page: no script, no request."""
    code = segno.make(text, error="m")
    return mark_safe(code.svg_inline(scale=4, border=3, dark="#000", light="#fff"))  # noqa: S308  (draws modules only)


def _enable(request: HttpRequest, user: User, code: str) -> HttpResponse:
    text = "".join(code.split())
    codes = factors.enable(user, sealed=_offer(request), code=text, by=user, at=now())
    request.session.pop(OFFER, None)
    entering.note_step(request)
    messages.success(request, "Two-step sign-in is on. Keep your recovery codes now: they are shown this once.")
    return _shown(request, user, CodeForm(), codes)


def _move(request: HttpRequest, user: User, code: str) -> HttpResponse:
    factors.prove(user, code, at=now())
    request.session[MOVING] = now().timestamp()
    return HttpResponseRedirect(reverse("security"))


def _take(request: HttpRequest, user: User, code: str) -> HttpResponse:
    if not _is_moving(request):
        raise ValidationError("That took longer than ten minutes. Show a code once more, then scan.")
    factors.move(user, sealed=_offer(request), code="".join(code.split()), by=user, at=now())
    request.session.pop(OFFER, None)
    request.session.pop(MOVING, None)
    messages.success(request, "From now on the other phone shows your codes. Your recovery codes stay as they are.")
    return HttpResponseRedirect(reverse("security"))


def _is_moving(request: HttpRequest) -> bool:
    return now().timestamp() - request.session.get(MOVING, 0.0) < MOVE_WITHIN_S


def _renew(request: HttpRequest, user: User, code: str) -> HttpResponse:
    factors.prove(user, code, at=now())
    codes = factors.renew_codes(user, by=user, at=now())
    messages.success(request, "These are your new recovery codes; the earlier ones no longer count.")
    return _shown(request, user, CodeForm(), codes)


def _disable(request: HttpRequest, user: User, code: str) -> HttpResponse:
    if rules().bind(user):
        raise ValidationError("An administrator asks for two-step sign-in, so it stays on.")
    factors.prove(user, code, at=now())
    factors.disable(user, by=user, at=now())
    messages.success(request, "Two-step sign-in is off. Your password alone signs you in.")
    return HttpResponseRedirect(reverse("security"))


def _end_sessions(request: HttpRequest, user: User) -> HttpResponse:
    """It takes no code: whoever finds a screen left open can only close it for the others."""
    update_session_auth_hash(request, people.end_sessions(user, by=user, at=now()))
    messages.success(request, "You are signed out everywhere else. This session goes on.")
    return HttpResponseRedirect(reverse("security"))


VERBS: dict[str, Any] = {"enable": _enable, "move": _move, "take": _take, "renew": _renew, "disable": _disable}
"""What the page's forms do; each takes a code, so that nobody does it at a screen that was left open."""
