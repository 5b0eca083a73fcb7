"""Two-step sign-in: codes of an authenticator app, and recovery codes for the day on which the phone is gone."""

import base64
import datetime as dt
import secrets
from typing import Any
from urllib.parse import quote

from django.core.exceptions import ValidationError
from django.db import transaction
from django_otp.oath import TOTP

from accounts.foundation import audit
from accounts.foundation.keys import keyed_hash, matches
from accounts.foundation.sealing import Resealed, Unreadable, keepers, reseal, seal, unseal
from accounts.sign_in.models import RecoveryCode, SecondFactor
from accounts.team.models import User
from accounts.throttling import signing_in

STEP_S = 30
TOLERANCE = 1
"""Steps by which the clock of a phone may be off, either way."""
RECOVERY_CODES = 10
LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
"""Of recovery codes: none that is taken for another one."""
ISSUER = "Holdfast"
WRONG = (
    "This is not the code of this moment, nor one of your recovery codes. "
    "Check the clock of your phone, then type the code that it shows now."
)
NOT_NEW = "The other phone shows another code at this moment. Check its clock, then type the code that it shows now."
USED = "This code was used already; each counts once. Wait until your app shows the next one, at most half a minute."
SPENT = "This recovery code was used already; each counts once. Type another one of yours."


class WrongCode(ValidationError):
    """The code is none of the present ones, or was used before; nothing was changed."""

    def __init__(self, why: str = WRONG) -> None:
        super().__init__({"code": why})


def offer() -> str:
    """A new secret, sealed, for somebody who sets up an app; it counts once `enable` was given a code of it."""
    return seal(base64.b32encode(secrets.token_bytes(20)).decode())


def readable(sealed: str) -> str:
    """The secret as somebody types it into an app that cannot scan."""
    text = unseal(sealed)
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def address(sealed: str, user: User) -> str:
    """What the QR code holds."""
    return f"otpauth://totp/{quote(f'{ISSUER}:{user.username}')}?secret={unseal(sealed)}&issuer={ISSUER}"


@transaction.atomic
def enable(user: User, *, sealed: str, code: str, by: Any, at: dt.datetime) -> list[str]:
    """Turns two-step sign-in on for `user`, who shows a code of the offered secret; the recovery codes, told once."""
    if SecondFactor.objects.select_for_update().filter(user=user).exists():
        raise ValidationError("Two-step sign-in is on already. Turn it off first to set up another app.")
    step = _step(sealed, code, at=at, after=0)
    if step is None:
        raise WrongCode
    factor = SecondFactor(user=user, sealed=sealed, enabled_at=at, last_step=step)
    audit.create(factor, verb="factor.enable", by=by, at=at)
    return _new_codes(factor)


@transaction.atomic
def move(user: User, *, sealed: str, code: str, by: Any, at: dt.datetime) -> None:
    """From now on codes come from the app that holds the offered secret, of which `user` shows one.

    The recovery codes stay good. `prove` first that it is they who ask.
    """
    factor = _of(user)
    step = _step(sealed, code, at=at, after=0)
    if step is None:
        raise WrongCode(NOT_NEW)
    audit.update(factor, verb="factor.move", by=by, at=at, sealed=sealed, last_step=step)


@transaction.atomic
def renew_codes(user: User, *, by: Any, at: dt.datetime) -> list[str]:
    """New recovery codes, told once; the earlier ones no longer count."""
    factor = _of(user)
    RecoveryCode.objects.filter(factor=factor).delete()
    audit.record("factor.renew_recovery_codes", factor, by=by, at=at, after={"user": factor.user_id})
    return _new_codes(factor)


@transaction.atomic
def disable(user: User, *, by: Any, at: dt.datetime) -> None:
    """Turns two-step sign-in off for `user`: by themselves, or by an administrator whose colleague lost the phone."""
    if getattr(by, "pk", None) != user.pk and user.is_superuser and not getattr(by, "is_superuser", True):
        raise ValidationError("Only a superuser resets the two-step sign-in of a superuser.")
    audit.delete(_of(user), verb="factor.disable", by=by, at=at)
    signing_in.begin_codes_anew(user.pk)


def is_on(user: User) -> bool:
    """Whether `user` signs in in two steps."""
    return SecondFactor.objects.filter(user=user).exists()


def codes_left(user: User) -> int:
    """How many recovery codes `user` has not used."""
    return RecoveryCode.objects.filter(factor__user=user, used_at=None).count()


def prove(user: User, code: str, *, at: dt.datetime) -> str:
    """Uses up one code of `user`: *code* or *recovery code*, whichever it was. WrongCode where it is neither.

    Tries are counted before the code is looked at; after too many TooMany, whatever the code. Not for use in a
    transaction: a try counts even where the rest is undone.
    """
    who = signing_in.tried_code(user.pk)
    factor = _of(user)
    text = "".join(code.split()).replace("-", "").lower()
    what = "code" if _use_app(factor, text, at=at) else "recovery code" if _use_recovery(factor, text, at=at) else ""
    if not what:
        raise WrongCode(_why_not(factor, text, at=at))
    signing_in.code_was_right(who)
    return what


def _of(user: User) -> SecondFactor:
    factor = SecondFactor.objects.filter(user=user).first()
    if factor is None:
        raise ValidationError("Two-step sign-in is not on. Set it up on your security page.")
    return factor


def _use_app(factor: SecondFactor, code: str, *, at: dt.datetime) -> bool:
    step = _step(factor.sealed, code, at=at, after=factor.last_step)
    if step is None:
        return False
    # Of two who show the same code at the same moment one is let in.
    return SecondFactor.objects.filter(pk=factor.pk, last_step__lt=step).update(last_step=step) == 1


def _step(sealed: str, code: str, *, at: dt.datetime, after: int) -> int | None:
    """The step of time that `code` belongs to; None where it is none of the present ones or not after `after`."""
    if not (code.isascii() and code.isdigit() and len(code) == 6):
        return None
    try:
        clock = TOTP(base64.b32decode(unseal(sealed)), step=STEP_S)
    except Unreadable:
        return None  # recovery codes still let them in
    clock.time = at.timestamp()
    return clock.t() if clock.verify(int(code), tolerance=TOLERANCE, min_t=after + 1) else None


def _why_not(factor: SecondFactor, code: str, *, at: dt.datetime) -> str:
    """Who shows a code that did count is told so: it tells nobody anything that lets them in."""
    if _step(factor.sealed, code, at=at, after=0) is not None:
        return USED
    return SPENT if any(matches(code, row.digest) for row in factor.recovery_codes.all()) else WRONG


def _use_recovery(factor: SecondFactor, code: str, *, at: dt.datetime) -> bool:
    for row in factor.recovery_codes.filter(used_at=None):
        if matches(code, row.digest):
            with transaction.atomic():
                used = RecoveryCode.objects.filter(pk=row.pk, used_at=None).update(used_at=at)
                if used:
                    audit.record(
                        "factor.use_recovery_code", factor, by=factor.user, at=at, after={"user": factor.user_id}
                    )
            return bool(used)
    return False


def _new_codes(factor: SecondFactor) -> list[str]:
    plain = ["".join(secrets.choice(LETTERS) for _ in range(10)) for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create([RecoveryCode(factor=factor, digest=keyed_hash(code)) for code in plain])
    return [f"{code[:5]}-{code[5:]}" for code in plain]


@keepers.register("two-step sign-in")
def reseal_all(by: Any, at: dt.datetime) -> Resealed:
    """Seals the secrets of all apps again under the first key; harmless when repeated or cut short."""
    found = Resealed()
    for pk in list(SecondFactor.objects.order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            row = SecondFactor.objects.select_for_update().select_related("user").get(pk=pk)
            try:
                audit.update(row, verb="factor.reseal", by=by, at=at, sealed=reseal(row.sealed))
            except Unreadable:
                found.unreadable.append(str(row))
            else:
                found.done += 1
    return found
