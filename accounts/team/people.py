"""Our own people: invited, changed, given a way to sign in, let go with everything handed over, and taken back."""

import datetime as dt
import re
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.foundation import audit
from accounts.foundation.keys import short_random
from accounts.team import powers
from accounts.team.models import Role, User
from accounts.team.services import add_user, must_be_here

LONGEST_NAME = 140
CHANGEABLE = ("first_name", "last_name", "email", "function", "time_zone", "role", "team")
"""What somebody can change about another one; the username stays, as files and other systems call them by it."""


@transaction.atomic
def invite(*, email: str, role: Role, by: Any, at: dt.datetime, username: str = "", **values: Any) -> User:
    """A new colleague, who sets a password by a link (`links`). Without `username` it is made of the address."""
    _address_must_be_free(email)
    return add_user(username=username or _free_username(email), email=email, role=role, by=by, at=at, **values)


def _address_must_be_free(email: str, *, but_for: int = 0) -> None:
    known = User.objects.filter(email__iexact=email, is_staff=True).exclude(pk=but_for).first() if email else None
    if known:
        state = "works here already" if known.is_active else "has left; take them back instead"
        raise ValidationError({"email": f"{known} ({known.username}) has this address and {state}."})


def _free_username(email: str) -> str:
    name = re.sub(r"[^\w.+-]", "", email.partition("@")[0].lower())[:LONGEST_NAME] or "user"
    return f"{name}-{short_random()}" if User.objects.filter(username=name).exists() else name


@transaction.atomic
def change_user(user: User, *, by: Any, at: dt.datetime, **values: Any) -> User:
    """Sets what `values` names of somebody (see CHANGEABLE); the role is nobody's own to change."""
    fresh = User.objects.select_for_update(of=("self",)).select_related("role", "team").get(pk=user.pk)
    powers.must_cover(by, fresh)
    if "role" in values and values["role"] != fresh.role:
        powers.must_not_be(by, fresh, what="changes their own role")
        powers.must_give(by, values["role"])
        powers.must_leave_an_administrator(fresh)
    if values.get("email", fresh.email).lower() != fresh.email.lower():
        _address_must_be_free(values["email"], but_for=fresh.pk)
    _check(fresh, values)
    audit.update(fresh, verb="user.change", by=by, at=at, **values)
    return fresh


def _check(user: User, values: dict[str, Any]) -> None:
    unknown = values.keys() - set(CHANGEABLE)
    if unknown:
        raise ValidationError({name: "This cannot be changed." for name in unknown})
    draft = User.objects.get(pk=user.pk)
    for name, value in values.items():
        setattr(draft, name, value)
    draft.full_clean()


@transaction.atomic
def set_password(user: User, *, password: str, by: Any, at: dt.datetime) -> User:
    """Gives somebody a password, which ends every session of theirs. Refuses one that is easily guessed."""
    fresh = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    must_be_here(fresh, field="password")
    _must_be_good(password, fresh)
    fresh.set_password(password)
    audit.update(_stored(fresh), verb="user.set_password", by=by, at=at, password=fresh.password)
    return fresh


@transaction.atomic
def end_sessions(user: User, *, by: Any, at: dt.datetime) -> User:
    """Signs somebody out wherever they are signed in."""
    fresh = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    audit.update(fresh, verb="user.end_sessions", by=by, at=at, sessions_ended=fresh.sessions_ended + 1)
    return fresh


def _must_be_good(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as refused:
        raise ValidationError({"password": refused.messages}) from None


def _stored(user: User) -> User:
    return User.objects.get(pk=user.pk)
