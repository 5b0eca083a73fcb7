"""Saying that something happened to an account."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Cast, Concat, JSONObject
from django.utils.functional import cached_property

from accounts.foundation import many
from accounts.foundation.clock import now
from accounts.foundation.records import Record
from accounts.foundation.registry import Registry
from accounts.portfolio.models import Account, AccountEvent


class Group(models.TextChoices):
    """What an event is about: the timeline is filtered by it."""

    TOUCHES = "touches", "Touches"
    MESSAGES = "messages", "Messages"
    SIGNALS = "signals", "Signals"
    LIFECYCLE = "lifecycle", "Account and lifecycle"
    COMMERCIAL = "commercial", "Commercial"
    SUPPORT = "support", "Support"
    PEOPLE = "people", "People"
    PLAYS = "plays", "Plays and work"


@dataclass(frozen=True)
class EventKind:
    """One kind of event: how the timeline tells it, whether it may change a fact of the account, what it is about.

    `sentence` is given the event and the names, by id, of the users that its data mentions.
    """

    sentence: Callable[[AccountEvent, Mapping[int, str]], str]
    icon: str = "circle"
    changes_facts: bool = False
    group: Group = Group.LIFECYCLE


kinds: Registry[EventKind] = Registry("event kind")
sinks: Registry[Callable[[str, Sequence[AccountEvent], dt.datetime], None]] = Registry("event sink")
"""Called with a kind, the new events of it, and when they were recorded, in the transaction that stored them.

A sink only books rows, the work is done later.
"""


@dataclass(frozen=True)
class Happening:
    """What happened to one of many accounts."""

    account: Account
    subject: Record | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    at: dt.datetime | None = None
    """When it happened, where that differs from one to the next."""


def words(kind: str) -> str:
    """A kind of event as words: `deal.won` reads Deal won."""
    return kind.replace(".", " ").replace("_", " ").capitalize()


def kinds_in(group: str) -> list[str]:
    """The kinds of events that are about `group`."""
    return [name for name, kind in kinds.items() if kind.group == group]


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
    _check(kind)
    if key and AccountEvent.objects.filter(key=key).exists():
        return None
    event = _event(kind, Happening(account, subject, data), by=by, at=at, key=key)
    AccountEvent.objects.bulk_create([event])
    _tell(kind, [event])
    return event


def happened_to_many(kind: str, happenings: Sequence[Happening], /, *, by: Any, at: dt.datetime) -> list[AccountEvent]:
    """Records that `kind` happened to many accounts at once, in as many statements as for one."""
    _check(kind)
    events = [_event(kind, one, by=by, at=one.at or at, key=None) for one in happenings]
    if events:
        many.insert(AccountEvent, events)
        _tell(kind, events)
    return events


class Recorded(Sequence[AccountEvent]):
    """Events that one statement stored. They are read only where somebody asks for more than how many they are."""

    def __init__(self, found: models.QuerySet[AccountEvent], count: int) -> None:
        self._found, self._count = found.order_by("pk"), count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, place: Any) -> Any:
        return self._rows[place]

    @cached_property
    def _rows(self) -> list[AccountEvent]:
        return list(self._found)


def happened_to_rows(kind: str, rows: models.QuerySet[Any], /, *, by: Any, at: dt.datetime, **data: Any) -> None:
    """Records for the account of each of `rows`, which it is about, that `kind` happened; one statement for all.

    `data` holds values, or expressions over `rows`.
    """
    _check(kind)
    account, recorded_at = F(f"{rows.model.ACCOUNT_PATH}_id"), now()
    count = many.insert_from(
        AccountEvent,
        rows,
        kind=kind,
        account=account,
        subject=Concat(Value(f"{rows.model._meta.model_name}:"), Cast("pk", models.CharField())),
        at=at,
        recorded_at=recorded_at,
        **({"actor": Value(by.pk)} if by else {}),
        data=JSONObject(**data),
    )
    if count:
        of_these = rows.order_by().values(f"{rows.model.ACCOUNT_PATH}_id")
        found = AccountEvent.objects.filter(account__in=of_these, kind=kind, recorded_at=recorded_at)
        _tell(kind, Recorded(found, count), at=recorded_at)


def _check(kind: str) -> None:
    if kind not in kinds:
        raise UnknownEventKind(f"No room registered the event kind {kind!r}.")


def _event(kind: str, one: Happening, *, by: Any, at: dt.datetime, key: str | None) -> AccountEvent:
    return AccountEvent(
        kind=kind,
        account=one.account,
        subject=f"{one.subject._meta.model_name}:{one.subject.pk}" if one.subject else "",
        at=one.at or at,
        recorded_at=now(),
        actor=by,
        data=dict(one.data),
        key=key,
    )


def _tell(kind: str, events: Sequence[AccountEvent], *, at: dt.datetime | None = None) -> None:
    recorded_at = at or events[0].recorded_at
    for sink in sinks.values():
        sink(kind, events, recorded_at)
