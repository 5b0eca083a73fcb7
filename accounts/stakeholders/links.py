"""Addresses for people at the customer, who have no account here: signed, below `/s/`.

An address holds what it opens and a nonce, signed under the installation's key. Whoever made it keeps the nonce, says
whether it still opens anything, and writes the page. There is no session, and search engines are told to stay away.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.foundation.registry import Registry
from accounts.throttling.addresses import address_of
from accounts.throttling.services import Limit, demand

Page = Callable[[HttpRequest, str], HttpResponse]
"""Given the request and the nonce."""

namespaces: Registry[Page] = Registry("page for people at the customer")
LOOKS = Limit("shared pages", 300, 60)
"""Requests from one address in a minute: a whole office behind one router, and no more."""
_SALT, _SEP = "accounts.stakeholders.links", "."


def sign(namespace: str, nonce: str) -> str:
    """The last part of the address that opens `nonce` in `namespace`."""
    return signing.Signer(sep=_SEP, salt=_SALT).sign(f"{namespace}{_SEP}{nonce}")


def read(token: str) -> tuple[str, str] | None:
    """Namespace and nonce of an address that we signed; None for any other."""
    try:
        namespace, _, nonce = signing.Signer(sep=_SEP, salt=_SALT).unsign(token).partition(_SEP)
    except signing.BadSignature:
        return None
    return namespace, nonce


def _unlisted(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Not indexed, not kept by any cache, and its address told to nobody else."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        response["Cache-Control"] = "private, no-store"
        response["Referrer-Policy"] = "same-origin"  # with no-referrer browsers send no origin, and forms fail
        return response

    return answered


@_unlisted
def shared(request: HttpRequest, token: str) -> HttpResponse:
    """The page that a signed address opens; an address that was mangled or never ours says that it opens nothing."""
    demand(LOOKS, address_of(request))
    found = read(token)
    page = namespaces.get(found[0]) if found else None
    return page(request, found[1]) if page and found else closed(request)


def closed(request: HttpRequest, *, revoked: bool = False, ended: bool = False) -> HttpResponse:
    """Says that an address opens nothing (404), was taken back, or is over (410)."""
    context = {"revoked": revoked, "ended": ended}
    return render(request, "accounts/customer_page/closed.html", context, status=410 if revoked or ended else 404)
