import datetime as dt
from collections.abc import Callable, Iterable, Mapping

from accounts.foundation.registry import Registry
from accounts.foundation.waiting import in_order, waiting
from accounts.ingestion.models import InboxRequest
from accounts.ingestion.signals import Signal
from accounts.portfolio.events import EventKind, Group, kinds
from accounts.portfolio.models import AccountEvent
from accounts.workspace.models import Source

Listener = Callable[[Source, Iterable[tuple[Signal, int]]], None]
"""Given a source, and new signals of it with the ids of their accounts; nothing is read before it is asked for."""

listeners: Registry[Listener] = Registry("listener to signals")
"""Called in the transaction that folds the signals, once for each signal; a listener only books rows."""

kinds.add(
    "signals.started",
    EventKind(
        lambda event, people: f"First signal from {event.data['source']}",
        "sensors",
        changes_facts=True,
        group=Group.SIGNALS,
    ),
)
kinds.add(
    "milestone.reached",
    EventKind(
        lambda event, people: f"Reached {event.data['milestone']}", "flag", changes_facts=True, group=Group.SIGNALS
    ),
)


def _attached(event: AccountEvent, people: Mapping[int, str]) -> str:
    count, first, last = (event.data[name] for name in ("visits", "from", "to"))
    days = f"on {_day(first)}" if first == last else f"from {_day(first)} to {_day(last)}"
    pages = ", ".join(event.data.get("intents", ()))
    return f"{count} earlier {'visit' if count == 1 else 'visits'} attached, {days}{pages and f' (pages: {pages})'}"


def _day(text: str) -> str:
    day = dt.date.fromisoformat(text)
    return f"{day.day} {day:%B %Y}"


kinds.add("visits.attached", EventKind(_attached, "footprint", changes_facts=True, group=Group.SIGNALS))

waiting.add("signals received", lambda at: in_order(InboxRequest.objects.all(), "received_at"))
