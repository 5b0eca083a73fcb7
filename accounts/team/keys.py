"""API keys: issued once, kept as a hash, used as their user."""

import datetime as dt
import hashlib
import time
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from accounts.foundation import audit
from accounts.foundation.keys import key_from, keyed_hash, matches, new_secret, short_random
from accounts.team.models import ApiKey, Role, User
from accounts.workspace.models import Source

PREFIX = "hf"
SEEN_EVERY = dt.timedelta(minutes=1)
KEPT_S = 5.0
"""For how long `recognise` trusts what it found: a key that another process revoked may send this much longer."""
_recognised: dict[bytes, tuple[float, ApiKey]] = {}
MOST_RECOGNISED = 1_000


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
    prefix, secret = short_random() + short_random(), new_secret()
    key = ApiKey(
        name=name,
        prefix=prefix,
        secret_hash=keyed_hash(secret),
        scope=scope,
        source=source,
        user=_acting_user(name, scope, by=by, at=at),
        created_at=at,
        expires_at=expires_at,
    )
    key.full_clean()
    audit.create(key, verb="apikey.issue", by=by, at=at)
    return key, f"{PREFIX}_{prefix}_{secret}"


def _acting_user(name: str, scope: str, *, by: Any, at: dt.datetime) -> User:
    role_key = "administrator" if scope == ApiKey.Scope.ADMIN else "integration"
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


def identify(text: str, *, at: dt.datetime) -> ApiKey | None:
    """The live key whose text is `text`; None for anything else (wrong, revoked, expired)."""
    parts = text.strip().split("_")
    if len(parts) != 3 or parts[0] != PREFIX or not parts[1].isalnum():  # PostgreSQL has no text with NUL in it
        return None
    live = ApiKey.objects.filter(revoked_at=None).filter(Q(expires_at=None) | Q(expires_at__gt=at))
    key = live.select_related("source", "user", "user__role").filter(prefix=parts[1]).first()
    if key is None or not matches(parts[2], key.secret_hash) or not key.user.is_active:
        return None
    return key


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
