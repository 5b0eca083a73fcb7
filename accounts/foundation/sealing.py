"""Secrets of other systems, which we must be able to say again: kept sealed, under keys of their own."""

import base64
import datetime as dt
import functools
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from accounts.foundation.registry import Registry


@dataclass
class Resealed:
    """What became of sealed secrets when they were sealed again."""

    done: int = 0
    unreadable: list[str] = field(default_factory=list)
    """The names of what was sealed under a key that is no longer listed; it stays as it is."""


keepers: Registry[Callable[[Any, dt.datetime], Resealed]] = Registry("keeper of sealed secrets")
"""Seals all secrets of a room again under the first key, given who asks for it and when."""


class Unreadable(RuntimeError):
    """A secret was sealed under a key that is no longer listed in SECRETS_KEYS."""


def seal(text: str) -> str:
    """What is stored instead of `text`."""
    return _box(tuple(settings.SECRETS_KEYS)).encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """The text that `seal` was given, under whichever listed key. Unreadable where none fits."""
    try:
        return _box(tuple(settings.SECRETS_KEYS)).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Unreadable("A secret cannot be read. Add the key it was sealed under to SECRETS_KEYS.") from None


def reseal(sealed: str) -> str:
    """The same secret under the first key of the list, after which an older key can go."""
    return seal(unseal(sealed))


@functools.cache
def _box(keys: tuple[str, ...]) -> MultiFernet:
    """Any text is a key, the longer the better: its hash has the length that the cipher needs."""
    return MultiFernet([Fernet(base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest())) for key in keys])
