"""Stable keys of definitions and accounts, and the secrets of API keys."""

import hashlib
import hmac
import re
import secrets

from django.conf import settings
from django.core.validators import RegexValidator
from django.utils.text import slugify

KEY_LENGTH = 80
KEY = re.compile(r"[a-z0-9][a-z0-9_-]*")
validate_key = RegexValidator(
    rf"\A{KEY.pattern}\Z", "Use lower-case letters, digits, hyphens and underscores, starting with a letter or digit."
)


def key_from(name: str, *, fallback: str) -> str:
    """A key made of the letters of `name`; `fallback` where it has none that fit (another script, say)."""
    return slugify(name)[: KEY_LENGTH - 10].strip("-_") or fallback


def short_random() -> str:
    """Six characters that nobody guesses into a collision twice in a row."""
    return secrets.token_hex(3)


def new_secret() -> str:
    """A secret of 256 bits, safe in URLs and in HTTP Basic."""
    return secrets.token_urlsafe(32).replace("-", "a").replace("_", "b")


def keyed_hash(secret: str, *, key: str = "") -> str:
    """What is stored instead of `secret`: an HMAC under the installation's key, hex."""
    return hmac.new((key or settings.SECRET_KEY).encode(), secret.encode(), hashlib.sha256).hexdigest()


def matches(secret: str, stored: str) -> bool:
    """Whether `secret` is the one whose hash is `stored`, also under a rotated-out installation key."""
    keys = [str(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    return any(hmac.compare_digest(keyed_hash(secret, key=key), stored) for key in keys)
