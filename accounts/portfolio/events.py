"""Saying that something happened to an account."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from accounts.foundation.clock import now
from accounts.foundation.records import Record
from accounts.foundation.registry import Registry
from accounts.portfolio.models import Account, AccountEvent


@dataclass(frozen=True)
class EventKind:
    """One kind of event: how the timeline tells it, and whether it may change a fact of the account.

    `sentence` is given the event and the names, by id, of the users that its data mentions.
    """

    sentence: Callable[[AccountEvent, Mapping[int, str]], str]
    icon: str = "circle"
    changes_facts: bool = False


kinds: Registry[EventKind] = Registry("event kind")
sinks: Registry[Callable[[AccountEvent], None]] = Registry("event sink")
"""Called for each new event in its own transaction; a sink only books rows, the work is done later."""


class UnknownEventKind(RuntimeError):
    """An event of a kind that no room registered: nobody could read it."""


def happened(
    kind: str,
    account: Account,
    /,
    *,
    by: Any,
    at: dt.datetime,
    subject: Record | None = None,
    key: str | None = None,
    **data: Any,
) -> AccountEvent | None:
    """Records that `kind` happened to `account` at `at`; None when `key` was recorded before."""
    if kind not in kinds:
        raise UnknownEventKind(f"No room registered the event kind {kind!r}.")
    if key and AccountEvent.objects.filter(key=key).exists():
        return None
    event = AccountEvent.objects.create(
        kind=kind,
        account=account,
        subject=f"{subject._meta.model_name}:{subject.pk}" if subject else "",
        at=at,
        recorded_at=now(),
        actor=by,
        data=data,
        key=key,
    )
    for sink in sinks.values():
        sink(event)
    return event
