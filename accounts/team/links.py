"""Links by which somebody sets a password: made for one person, good once and for three days, kept nowhere."""

import datetime as dt
import smtplib
from typing import Any

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.db import transaction
from django.urls import reverse
from django.utils.encoding import force_bytes, force_str
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from accounts.foundation import audit
from accounts.team import people, powers
from accounts.team.models import User
from accounts.team.services import must_be_here
from accounts.workspace.models import Workspace
from accounts.workspace.queries import workspace

LASTS = dt.timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
TEXT = """{name},

{by} gave you a way to sign in to {company}'s Holdfast. Your user name is {username}.
Choose a password here, until {until:%d %b %Y, %H:%M} UTC:

{link}

The link works once. If you did not expect this, do nothing.
"""


class LinkOver(ValidationError):
    """The link was used before, or is too old, or was never ours."""

    def __init__(self) -> None:
        super().__init__("This link was used before, or its three days are over. Ask an administrator for a new one.")


@transaction.atomic
def make(user: User, *, by: Any, at: dt.datetime) -> str:
    """The address at which `user` sets a password. Whoever has it is them, so it goes to nobody else.

    It lapses with its use, after LASTS, and when they sign in or their e-mail address changes.
    """
    powers.must_cover(by, user)
    must_be_here(user, field="user")
    if not user.is_staff:
        raise ValidationError("This user is a machine: it has API keys, and signs in nowhere.")
    audit.record("user.make_link", user, by=by, at=at)
    name = urlsafe_base64_encode(force_bytes(user.pk))
    path = reverse("sign_in_link", args=[name, default_token_generator.make_token(user)])
    return f"{settings.PUBLIC_URL.rstrip('/')}{path}"


def user_of(name: str, token: str) -> User:
    """Whose link it is. LinkOver where it is no longer good."""
    try:
        pk = int(force_str(urlsafe_base64_decode(name)))
        user = User.objects.filter(pk=pk, is_active=True, is_staff=True).first()
    except (ValueError, OverflowError):
        user = None
    if user is None or not default_token_generator.check_token(user, token):
        raise LinkOver
    return user


@transaction.atomic
def use(name: str, token: str, *, password: str, at: dt.datetime) -> User:
    """Sets the password of whose link it is; of two who use it at once, the second is refused."""
    user = user_of(name, token)
    User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    return people.set_password(user_of(name, token), password=password, by=user, at=at)


def mailed(user: User, link: str, *, by: Any, at: dt.datetime) -> bool:
    """Sends the link to `user` now, past the outbox, which would keep it; whether the mail server took it.

    The outbound mode holds for it as for whatever else goes to our own people.
    """
    here = workspace()
    if not (settings.EMAIL_IS_SET and user.email) or here.outbound_mode == Workspace.OutboundMode.PREVIEW:
        return False
    values = {"name": user.first_name or user.username, "by": by or "Somebody", "company": here.company}
    text = TEXT.format(**values, username=user.username, until=at + LASTS, link=link)
    try:
        is_taken = bool(send_mail("Your way in to Holdfast", text, None, [user.email]))
    except (OSError, smtplib.SMTPException):
        return False
    if is_taken:
        audit.record("user.mail_link", user, by=by, at=at)
    return is_taken
