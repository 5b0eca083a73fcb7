"""Which of our users somebody is whom the provider of single sign-on vouches for."""

import datetime as dt
import re
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.foundation import audit
from accounts.foundation.lanes import lane
from accounts.sign_in.models import Identity
from accounts.sign_in.oidc import Told
from accounts.team import services as team
from accounts.team.models import Role, User

UNKNOWN = "Nobody here has the e-mail address that the provider vouches for. Ask an administrator to add you."
UNVERIFIED = "The provider does not say that your e-mail address is verified, so it does not tell who you are here."
SEVERAL = "Several people here have your e-mail address. Ask an administrator to make it one."
GONE = "You may not sign in here any more. Ask an administrator."
TAKEN = (
    "Somebody else at the provider is linked to your user here. "
    "Ask an administrator to unlink them under Settings → Sign-in."
)


class NotLetIn(ValidationError):
    """Somebody known to the provider, whom we do not let in; the text says why, and what to do."""


@transaction.atomic
def user_of(told: Told, *, at: dt.datetime) -> User:
    """The user who came: the one linked before, else the one of the verified address, who is linked from now on.

    Somebody new is added only where OIDC_CREATE_ROLE names their role. Never somebody who has left.
    """
    with lane(f"single sign-on {told.issuer} {told.subject}"):
        known = Identity.objects.filter(issuer=told.issuer, subject=told.subject).select_related("user").first()
        if known:
            return _let_in(known.user)
        if not told.is_email_verified:
            raise NotLetIn(UNVERIFIED)
        user = _let_in(_addressed(told, at=at))
        if Identity.objects.filter(issuer=told.issuer, user=user).exists():
            raise NotLetIn(TAKEN)
        link = Identity(user=user, issuer=told.issuer, subject=told.subject, linked_at=at)
        audit.create(link, verb="identity.link", by=user, at=at)
        return user


@transaction.atomic
def unlink(user: User, *, by: Any, at: dt.datetime) -> None:
    """Forgets who `user` is at the provider; whoever next comes with their verified address is linked."""
    if user.is_superuser and not getattr(by, "is_superuser", True):
        raise ValidationError("Only a superuser unlinks a superuser.")
    link = Identity.objects.select_for_update().filter(issuer=settings.OIDC_ISSUER, user=user).first()
    if link is None:
        raise ValidationError(f"{user} is not linked.")
    audit.delete(link, verb="identity.unlink", by=by, at=at)


def _let_in(user: User) -> User:
    if not (user.is_active and user.is_staff):
        raise NotLetIn(GONE)
    return user


def _addressed(told: Told, *, at: dt.datetime) -> User:
    found = list(User.objects.filter(email__iexact=told.email, is_staff=True).order_by("-is_active")[:3])
    active = [user for user in found if user.is_active]
    if len(active) > 1:
        raise NotLetIn(SEVERAL)
    if found:
        return found[0]
    if not settings.OIDC_CREATE_ROLE:
        raise NotLetIn(UNKNOWN)
    return _added(told, at=at)


def _added(told: Told, *, at: dt.datetime) -> User:
    role = Role.objects.filter(key=settings.OIDC_CREATE_ROLE).first()
    if role is None:
        raise NotLetIn(f"OIDC_CREATE_ROLE names no role: {settings.OIDC_CREATE_ROLE}. Tell who runs this installation.")
    values: dict[str, Any] = {"first_name": told.first_name, "last_name": told.last_name, "email": told.email}
    return team.add_user(username=_free_name(told.email), role=role, by=None, at=at, **values)


def _free_name(email: str) -> str:
    """The part before the @, with a number where it is taken."""
    wish = re.sub(r"[^\w.+-]", "", email.partition("@")[0])[:100].lower() or "user"
    taken = set(User.objects.filter(username__startswith=wish).values_list("username", flat=True))
    return next(name for name in (wish, *(f"{wish}{n}" for n in range(2, len(taken) + 3))) if name not in taken)
