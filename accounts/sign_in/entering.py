"""Letting somebody in who showed what was asked of them, and the time between the password and the code."""

from dataclasses import asdict, dataclass
from typing import Any

from django.contrib.auth import login
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.foundation import audit
from accounts.foundation.clock import now
from accounts.sign_in import factors
from accounts.sign_in.rules import rules
from accounts.team.models import User

BACKEND = "accounts.team.backends.GrantBackend"
PENDING, STEPPED = "pending", "stepped"
"""Keys of the session: somebody who knew the password; whether more than a password was shown."""
MINUTES = 10
"""How long somebody may take from the password to the code, and at the provider of single sign-on."""


@dataclass(frozen=True)
class Pending:
    """Somebody who knew the password, and has yet to show a code."""

    user: int
    mark: str
    """Changes with the password, which ends what began before."""
    at: float
    next: str


def begin(request: HttpRequest, user: User, *, to: str) -> str:
    """Goes on after the right password; where to. Whoever signs in in two steps is not signed in yet."""
    if not factors.is_on(user):
        enter(request, user, shown="password", to=to)
        return to
    request.session.cycle_key()
    pending = Pending(user.pk, user.get_session_auth_hash(), now().timestamp(), to)
    request.session[PENDING] = asdict(pending)
    return reverse("sign_in_code")


def pending(request: HttpRequest) -> tuple[User, str] | None:
    """Who has yet to show a code, and where they want to go; None where nobody has, or not any more."""
    found = request.session.get(PENDING)
    if not isinstance(found, dict):
        return None
    one = Pending(**found)
    user = User.objects.filter(pk=one.user, is_active=True).first()
    is_late = now().timestamp() - one.at > MINUTES * 60
    if user is None or is_late or not constant_time_compare(one.mark, user.get_session_auth_hash()):
        del request.session[PENDING]
        return None
    return user, one.next


def enter(request: HttpRequest, user: User, *, shown: str, to: str = "") -> None:
    """Signs `user` in, who showed a password, a code besides, or came from the provider; leaves an entry."""
    request.session.pop(PENDING, None)
    with transaction.atomic():
        login(request, user, backend=BACKEND)
        audit.record("user.sign_in", user, by=user, at=now(), after={"with": shown})
    if shown != "password":
        request.session[STEPPED] = True


def note_step(request: HttpRequest) -> None:
    """Notes that somebody who is signed in has just shown a code."""
    request.session[STEPPED] = True


def owes_a_step(request: Any) -> bool:
    """Whether whoever is signed in must show more than a password, and has not."""
    return not request.session.get(STEPPED) and rules().bind(request.user)


def wanted(request: HttpRequest) -> str:
    """Where somebody wants to go after signing in: a page of this installation, else the home page."""
    found = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(found, {request.get_host()}, require_https=request.is_secure())
    return found if found and is_ours else reverse("admin:index")
