"""API keys: issued once, kept as a hash, used as their user."""

import datetime as dt
import hashlib
import time
from enum import Enum
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.foundation import audit
from accounts.foundation.keys import key_from, keyed_hash, matches, new_secret, short_random
from accounts.team.models import ApiKey, Role, User
from accounts.workspace.models import Source

PREFIX = "hf"
ADMINISTRATOR = "administrator"
SEEN_EVERY = dt.timedelta(minutes=1)
KEPT_S = 5.0
"""For how long `recognise` trusts what it found: a key that another process revoked may send this much longer."""
_recognised: dict[bytes, tuple[float, ApiKey]] = {}
MOST_RECOGNISED = 1_000
MIN_OVERLAP, MAX_OVERLAP = dt.timedelta(0), dt.timedelta(days=90)
"""For how long a key may go on beside the one that replaces it."""


class RoleMissing(RuntimeError):
    """The role that keys act as has not been imported yet."""


@transaction.atomic
def issue(
    *,
    name: str,
    scope: str,
    by: Any,
    at: dt.datetime,
    source: Source | None = None,
    expires_at: dt.datetime | None = None,
) -> tuple[ApiKey, str]:
    """A new key and its text, which nobody can read again. It acts as an integration user of its own."""
    if scope == ApiKey.Scope.INGEST and source is None:
        raise ValidationError({"source": "A key that sends signals names the source they come from."})
    if scope == ApiKey.Scope.ADMIN and by is not None and not _is_administrator(by):
        raise ValidationError({"scope": "Only an administrator makes keys of scope admin."})
    if expires_at and expires_at <= at:
        raise ValidationError({"expires_at": "This is over already. Choose a later time, or none."})
    values: dict[str, Any] = {"name": name, "scope": scope, "source": source, "expires_at": expires_at}
    values["user"] = _acting_user(name, scope, by=by, at=at)
    return _made(values, verb="apikey.issue", by=by, at=at)


def _is_administrator(user: User) -> bool:
    """Whether they may do already whatever a key of scope admin may."""
    return user.is_superuser or (user.role is not None and user.role.key == ADMINISTRATOR)


def _acting_user(name: str, scope: str, *, by: Any, at: dt.datetime) -> User:
    role_key = ADMINISTRATOR if scope == ApiKey.Scope.ADMIN else "integration"
    role = Role.objects.filter(key=role_key).first()
    if role is None:
        raise RoleMissing(
            f"There is no role {role_key!r} yet. Import the starter playbook first: make run, or "
            "manage.py playbook import plays/playbook/starter"
        )
    username = f"key-{key_from(name, fallback='key')}-{short_random()}"
    user = User(username=username, first_name=name[:150], role=role)
    user.set_unusable_password()
    return audit.create(user, verb="user.add", by=by, at=at)


@transaction.atomic
def rotate(key: ApiKey, *, overlap: dt.timedelta, by: Any, at: dt.datetime) -> tuple[ApiKey, str]:
    """A key with a new text in the place of `key`, and that text. Both are good until `overlap` is over.

    The new one has the name, scope, source and user of the old one, and lives as long as that was meant to.
    """
    key = ApiKey.objects.select_for_update(of=("self",)).select_related("source", "user").get(pk=key.pk)
    if refusal := refusal_of(key, at=at):
        raise ValidationError(f"{refusal.words} Make a new key instead.")
    if key.replaced_by_id:
        raise ValidationError("This key has been replaced before. Rotate the one that took its place.")
    if not MIN_OVERLAP <= overlap <= MAX_OVERLAP:
        raise ValidationError(f"The old key may go on for {MIN_OVERLAP.days} to {MAX_OVERLAP.days} days.")
    life = key.expires_at - key.created_at if key.expires_at else None
    values = {"name": key.name, "scope": key.scope, "source": key.source, "user": key.user}
    new, text = _made(values | {"expires_at": at + life if life else None}, verb="apikey.rotate", by=by, at=at)
    ends = min(at + overlap, key.expires_at or at + overlap)
    audit.update(key, verb="apikey.replace", by=by, at=at, replaced_by=new, expires_at=ends)
    transaction.on_commit(_recognised.clear)
    return new, text


def _made(values: dict[str, Any], *, verb: str, by: Any, at: dt.datetime) -> tuple[ApiKey, str]:
    prefix, secret = short_random() + short_random(), new_secret()
    key = ApiKey(prefix=prefix, secret_hash=keyed_hash(secret), created_at=at, **values)
    key.full_clean()
    audit.create(key, verb=verb, by=by, at=at)
    return key, f"{PREFIX}_{prefix}_{secret}"


class Refusal(Enum):
    """Why a key opens nothing."""

    UNKNOWN = "unknown", "This is no key of this installation."
    REVOKED = "revoked", "This key has been revoked."
    EXPIRED = "expired", "This key has expired."
    USER_INACTIVE = "user_inactive", "The user whom this key acts as has been deactivated."

    def __init__(self, code: str, words: str) -> None:
        self.code, self.words = code, words


def refusal_of(key: ApiKey, *, at: dt.datetime) -> Refusal | None:
    """Why `key` is no longer good; None where it is."""
    if key.revoked_at:
        return Refusal.REVOKED
    if key.expires_at and key.expires_at <= at:
        return Refusal.EXPIRED
    return None if key.user.is_active else Refusal.USER_INACTIVE


def look_up(text: str, *, at: dt.datetime) -> ApiKey | Refusal:
    """The live key whose text is `text`, or why there is none; nobody learns why without the whole of it."""
    parts = text.strip().split("_")
    if len(parts) != 3 or parts[0] != PREFIX or not parts[1].isalnum():  # PostgreSQL has no text with NUL in it
        return Refusal.UNKNOWN
    key = ApiKey.objects.select_related("source", "user", "user__role").filter(prefix=parts[1]).first()
    if key is None or not matches(parts[2], key.secret_hash):
        return Refusal.UNKNOWN
    _hash_anew(key, parts[2])
    return refusal_of(key, at=at) or key


def _hash_anew(key: ApiKey, secret: str) -> None:
    """Keeps the hash under the present SECRET_KEY, so that an earlier one can go once every key was used."""
    present = keyed_hash(secret)
    if key.secret_hash != present:
        ApiKey.objects.filter(pk=key.pk).update(secret_hash=present)
        key.secret_hash = present


def identify(text: str, *, at: dt.datetime) -> ApiKey | None:
    """The live key whose text is `text`; None for anything else (wrong, revoked, expired)."""
    found = look_up(text, at=at)
    return found if isinstance(found, ApiKey) else None


def recognise(text: str, *, at: dt.datetime) -> ApiKey | None:
    """As `identify`, but asks the database only every few seconds: for doors at which one key knocks all the time.

    Where this process revokes a key it knows at once, others within KEPT_S. Texts are kept as hashes only.
    """
    name = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    found_at, key = _recognised.get(name, (0.0, None))
    if key and time.monotonic() - found_at <= KEPT_S and (key.expires_at is None or key.expires_at > at):
        return key
    key = identify(text, at=at)
    if key is None:
        _recognised.pop(name, None)
        return None
    if len(_recognised) >= MOST_RECOGNISED:
        _recognised.clear()
    _recognised[name] = (time.monotonic(), key)
    return key


def seen(key: ApiKey, *, at: dt.datetime) -> None:
    """Notes that `key` was used, at most once a minute: a write per request would be a hot row."""
    if key.last_used_at is None or at - key.last_used_at > SEEN_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=at)
        key.last_used_at = at


@transaction.atomic
def revoke(key: ApiKey, *, by: Any, at: dt.datetime) -> ApiKey:
    """Ends `key` at once; one that was revoked before keeps its time."""
    if key.revoked_at is None:
        audit.update(key, verb="apikey.revoke", by=by, at=at, revoked_at=at)
        transaction.on_commit(_recognised.clear)
    return key
