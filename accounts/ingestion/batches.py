"""Signals that are folded together, and items that have to wait."""

import datetime as dt
from dataclasses import dataclass, field

from accounts.foundation.many import among
from accounts.ingestion import signals
from accounts.ingestion.models import QuarantinedItem
from accounts.ingestion.signals import Signal, Unreadable
from accounts.workspace.models import Source

KEPT_DAYS = 400
"""Signals older than this are not folded: their repeats could no longer be told."""
KEPT, AHEAD = dt.timedelta(days=KEPT_DAYS), dt.timedelta(hours=24)
Reason = QuarantinedItem.Reason


@dataclass
class Batch:
    """Signals of one source that are folded together, and items that have to wait."""

    source: Source
    signals: list[Signal] = field(default_factory=list)
    held: list[QuarantinedItem] = field(default_factory=list)
    latest: dt.datetime | None = None

    def admit(self, item: Signal | Unreadable) -> None:
        """Takes an item in: to be folded where it is readable and of our time, else to wait."""
        if isinstance(item, Unreadable):
            self.hold(item, item.reason, detail=item.detail)
        elif (age := item.received_at - item.at) > KEPT:
            self.hold(item, Reason.TOO_OLD, detail=_dated(item.at))
        elif -age > AHEAD:
            self.hold(item, Reason.FUTURE, detail=_dated(item.at))
        else:
            self.signals.append(item)

    def hold(self, item: Signal | Unreadable, reason: str, *, detail: str = "") -> None:
        """Lets an item wait, with the reason."""
        self.held.append(held(item, self.source, reason, detail=detail))


def held(item: Signal | Unreadable, source: Source, reason: str, *, detail: str = "") -> QuarantinedItem:
    """The row with which an item waits."""
    row = QuarantinedItem(
        source=source,
        message=item.message,
        reason=reason,
        detail=detail.replace("\x00", "")[:300],
        received_at=item.received_at,
    )
    if isinstance(item, Signal):
        row.group_value, row.user_value, row.item = item.group, item.user, signals.replayable(item)
    else:
        row.item = signals.shown(item.raw)
    return row


def store_held(rows: list[QuarantinedItem], source: Source) -> list[QuarantinedItem]:
    """Stores those that do not wait already; returns them."""
    if not rows:
        return []
    messages = among((str(row.message) for row in rows), of="uuid")
    waiting = QuarantinedItem.objects.filter(source=source, message__in=messages).values_list("message", flat=True)
    seen = {message.hex for message in waiting}
    new: dict[str, QuarantinedItem] = {}
    for row in rows:
        if str(row.message) not in seen:
            new.setdefault(str(row.message), row)
    QuarantinedItem.objects.bulk_create(new.values(), ignore_conflicts=True, batch_size=500)
    return list(new.values())


def _dated(at: dt.datetime) -> str:
    return f"Dated {at.day} {at:%b %Y, %H:%M} UTC"
