"""Single sign-on: to the provider, and back from there."""

import logging
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.foundation.clock import now
from accounts.sign_in import entering, identities, oidc
from accounts.throttling import signing_in
from accounts.throttling.addresses import address_of

logger = logging.getLogger(__name__)
ASKED = "single_sign_on"
FAILED = "Signing in with {provider} did not work. Try again; if it goes on, tell who runs this installation."
DENIED = "{provider} did not let you in here. Try again, or ask who gives access there."
LATE = "That took too long, or began in another window. Try again."


@never_cache
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """Leads to the provider, with what it must give back."""
    _must_be_set_up()
    signing_in.came(address_of(request))
    asked = oidc.ask()
    try:
        to = oidc.address(asked, back=_back())
    except oidc.NotBelieved as error:
        return _failed(request, error)
    request.session[ASKED] = {"asked": asdict(asked), "at": now().timestamp(), "next": entering.wanted(request)}
    return HttpResponseRedirect(to)


@never_cache
@require_GET
def back(request: HttpRequest) -> HttpResponse:
    """Where the provider sends somebody back: signs them in if everything holds."""
    _must_be_set_up()
    kept: dict[str, Any] | None = request.session.pop(ASKED, None)
    if kept is None or now().timestamp() - kept["at"] > entering.MINUTES * 60:
        return _refused(request, LATE)
    asked = oidc.Asked(**kept["asked"])
    if not constant_time_compare(request.GET.get("state", ""), asked.state):
        return _refused(request, LATE)
    try:
        if request.GET.get("iss", settings.OIDC_ISSUER) != settings.OIDC_ISSUER:
            raise oidc.NotBelieved("Another provider sent somebody back.")
        if request.GET.get("error") == "access_denied":
            return _refused(request, DENIED.format(provider=settings.OIDC_NAME))
        if not request.GET.get("code"):
            raise oidc.NotBelieved(f"The provider refused: {request.GET.get('error', 'no code')[:100]!r}.")
        told = oidc.redeem(request.GET["code"], asked, back=_back())
        user = identities.user_of(told, at=now())
    except oidc.NotBelieved as error:
        return _failed(request, error)
    except ValidationError as refused:
        return _refused(request, " ".join(refused.messages))
    entering.enter(request, user, shown="single sign-on")
    return HttpResponseRedirect(kept["next"])


def _must_be_set_up() -> None:
    if not settings.OIDC_ISSUER:
        raise Http404("Single sign-on is not set up.")


def _back() -> str:
    return f"{settings.PUBLIC_URL.rstrip('/')}{reverse('single_sign_on_back')}"


def _failed(request: HttpRequest, error: Exception) -> HttpResponse:
    logger.warning("single sign-on: %s", error)
    return _refused(request, FAILED.format(provider=settings.OIDC_NAME))


def _refused(request: HttpRequest, why: str) -> HttpResponse:
    messages.error(request, why)
    return HttpResponseRedirect(reverse("admin:login"))
