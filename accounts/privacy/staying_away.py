"""Names of erased people, which no signal, import or other system may bring back."""

import hashlib
import hmac
import secrets
from collections.abc import Collection, Iterable

from accounts.foundation.many import among_texts
from accounts.foundation.sealing import seal, unseal
from accounts.privacy.models import ErasedName, Pepper


def email(address: str) -> str:
    """What an e-mail address is remembered as."""
    return f"email:{address.strip().lower()}"


def called(source_id: int, value: str) -> str:
    """What an id in a source, of a user or of an anonymous visitor, is remembered as."""
    return f"id:{source_id}:{value}"


def anybody() -> bool:
    """Whether anybody was erased at all; asked before names are gathered."""
    return ErasedName.objects.exists()


def among(names: Collection[str]) -> set[str]:
    """Those of `names` (each from `email` or `called`) that belong to somebody who was erased."""
    row = Pepper.objects.first() if names else None
    if row is None:  # made with the first erasure
        return set()
    key = _key(row)
    by_digest = {_digest(key, name): name for name in names}
    known = ErasedName.objects.filter(digest__in=among_texts(by_digest)).values_list("digest", flat=True)
    return {by_digest[digest] for digest in known}


def digests(names: Iterable[str]) -> list[str]:
    """The keyed hashes of `names`, which nobody can turn back without the pepper."""
    row = Pepper.objects.first()
    if row is None:
        row, _ = Pepper.objects.get_or_create(pk=1, defaults={"sealed": seal(secrets.token_hex())})
    key = _key(row)
    return [_digest(key, name) for name in names]


def _key(pepper: Pepper) -> bytes:
    return unseal(pepper.sealed).encode()


def _digest(key: bytes, name: str) -> str:
    return hmac.new(key, name.encode(), hashlib.sha256).hexdigest()
