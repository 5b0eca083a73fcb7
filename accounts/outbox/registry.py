"""What can be added to the outbox: channels, gates, purposes. And how the timeline tells of messages."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from accounts.foundation.claims import ClaimLost, mine
from accounts.foundation.registry import Registry
from accounts.outbox.models import Delivery, Way
from accounts.portfolio.events import EventKind, Group, kinds
from accounts.portfolio.models import AccountEvent


class Promise(StrEnum):
    """What a channel can promise about a message that may or may not have arrived."""

    IDEMPOTENT = "idempotent"
    """The receiver drops what it has seen: the same id is sent again until it answers."""
    LOOK_UP = "look_up"
    """The receiver can be asked whether it has it; only then is it sent again."""
    NEVER_TWICE = "never_twice"
    """Neither: it is never sent again by itself; a person decides about what is unknown."""


class NotSent(RuntimeError):
    """Nothing arrived, for certain: it may be tried again on every channel."""


@dataclass(frozen=True)
class Transport:
    """One channel: how it carries a message, and what it can promise."""

    label: str
    promise: Promise
    send: Callable[[Delivery, dt.datetime], str]
    """Sends a delivery and returns the receipt.

    Called outside of any transaction. `NotSent` says that nothing arrived, `claims.Permanent` that trying again is
    useless; after any other error it may have arrived.
    """
    address: Callable[[Delivery], str]
    """Where to; empty where the recipient cannot be reached on this channel."""
    look_up: Callable[[Delivery], str] | None = None
    """The receipt of a delivery that arrived earlier; empty where it did not. For `Promise.LOOK_UP`."""
    failed: Callable[[Delivery, Exception, dt.datetime], None] = lambda delivery, error, at: None
    """Told of a failed try, in the transaction that records it."""
    is_here: bool = False
    """Whether it stays in this installation: then it has arrived as soon as it is booked, and no gate is asked."""
    keep: dt.timedelta = dt.timedelta(days=400)
    """For how long the words of a message are kept, where no administrator says otherwise. Rows are found by it."""


@dataclass(frozen=True)
class Held:
    """Not now: the delivery is asked about again at `until`."""

    reason: str
    until: dt.datetime


@dataclass(frozen=True)
class Refused:
    """Not at all."""

    reason: str


@dataclass(frozen=True)
class Previewed:
    """It would have been sent; the outbound mode keeps it here."""

    reason: str


Verdict = Held | Refused | Previewed


@dataclass(frozen=True)
class Gate:
    """A question asked about each delivery at the moment of sending; None lets it pass. The first verdict counts."""

    ask: Callable[[Delivery, dt.datetime], Verdict | None]
    order: int = 50


@dataclass(frozen=True)
class Purpose:
    """Why messages of this class are sent, and for how long one is worth sending."""

    label: str
    lifetime: dt.timedelta = dt.timedelta(days=1)
    """After that a person decides: old news are not sprayed after a long stop or out of a backup."""
    way: Way | None = None
    """How one of us hears of it who chose nothing; None where nobody chooses."""
    by_role: Mapping[str, Way] = field(default_factory=dict)
    """Key of a role → how its people hear of it, where that differs."""


transports: Registry[Transport] = Registry("channel")
gates: Registry[Gate] = Registry("gate")
purposes: Registry[Purpose] = Registry("purpose of messages")


class Stopped(NotSent):
    """A gate says no where it had said nothing a moment before: nothing was handed over."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.reason)
        self.verdict = verdict


def asked(delivery: Delivery, at: dt.datetime) -> Verdict | None:
    """What the gates say of a delivery; None lets it pass."""
    for gate in sorted(gates.values(), key=lambda one: one.order):
        if verdict := gate.ask(delivery, at):
            return verdict
    return None


def ask_again(delivery: Delivery, at: dt.datetime) -> None:
    """Asks the gates once more, of the rows as they are now: the last thing a transport does before it hands over.

    Raises `Stopped` where one says no, and ClaimLost where another worker has taken the delivery over.
    """
    row = mine(delivery).select_related("account", "user", "stakeholder", "endpoint", "body").first()
    if row is None:
        raise ClaimLost(f"The claim on {delivery} was lost.")
    if verdict := asked(row, at):
        raise Stopped(verdict)


purposes.add("test", Purpose("Test"))
"""What somebody asked for just now; it is sent in every outbound mode."""


def _told(text: str) -> Callable[[AccountEvent, Mapping[int, str]], str]:
    def sentence(event: AccountEvent, people: Mapping[int, str]) -> str:
        return text.format(channel=_channel(event.data), reason=event.data.get("reason", ""))

    return sentence


def _channel(data: Mapping[str, Any]) -> str:
    name = data.get("channel", "")
    return transports[name].label if name in transports else "Message"


kinds.add("delivery.sent", EventKind(_told("{channel} sent"), "send", group=Group.MESSAGES))
kinds.add("delivery.refused", EventKind(_told("{channel} not sent: {reason}"), "block", group=Group.MESSAGES))
kinds.add("delivery.unknown", EventKind(_told("{channel}: unknown whether it arrived"), "help", group=Group.MESSAGES))
kinds.add("delivery.failed", EventKind(_told("{channel} could not be sent"), "error", group=Group.MESSAGES))
