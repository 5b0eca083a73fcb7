"""One effect for a request, however often it is sent under the same key."""

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import msgspec
from django.db import transaction

from accounts.foundation.lanes import Taken, lane_at_once
from accounts.foundation.sealing import Unreadable, seal, unseal
from accounts.idempotency.models import StoredAnswer

"""For how long a key and its answer are remembered."""


class StillRunning(RuntimeError):
    """The first request under this key has not been answered yet."""


class AnotherRequest(RuntimeError):
    """The key was used before, for something else."""


@dataclass(frozen=True)
class Call:
    """What is asked, by whom (the id of a user), under which key of theirs."""

    caller_id: int
    key: str
    fingerprint: str


class Lost(RuntimeError):
    """The request was carried out, but its answer was sealed under a key that is gone."""


class Answer(msgspec.Struct, frozen=True):
    """An answer as it is kept: its body as text."""

    status: int
    content_type: str
    body: str


def fingerprint(method: str, address: str, body: bytes) -> str:
    """What tells one request from another; `address` with its parameters."""
    return hashlib.sha256(b"\n".join([method.encode(), address.encode(), body])).hexdigest()


@transaction.atomic
def once(call: Call, *, at: dt.datetime, do: Callable[[], Answer | None]) -> Answer | None:
    """The answer given before; None when this is the first time, and then `do` was carried out.

    `do` returns the answer to keep, or None to keep nothing. Its effect and its answer are one transaction: there is
    never one without the other. Where it raises, both are undone and the key is free.
    """
    try:
        lane_at_once(f"idempotency {call.caller_id} {call.key}")
    except Taken:
        raise StillRunning from None
    row = StoredAnswer.objects.filter(caller_id=call.caller_id, key=call.key).first()
    if row is not None:
        if row.fingerprint != call.fingerprint:
            raise AnotherRequest
        return _answer(row)
    if answer := do():
        sealed = seal(msgspec.json.encode(answer).decode())
        StoredAnswer.objects.create(
            caller_id=call.caller_id,
            key=call.key,
            fingerprint=call.fingerprint,
            status=answer.status,
            answer=sealed,
            created_at=at,
        )
    return None


def _answer(row: StoredAnswer) -> Answer:
    try:
        return msgspec.json.decode(unseal(row.answer), type=Answer)
    except Unreadable:
        raise Lost from None
