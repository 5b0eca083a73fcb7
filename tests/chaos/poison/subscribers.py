"""Subscribers to `account.created` that harm whoever carries them out for a poisoned account; retries come soon."""

import datetime as dt
import os
from dataclasses import replace

from accounts.events.subscriptions import subscribe
from accounts.foundation import claims
from accounts.portfolio.models import AccountEvent
from tests.chaos.poison import TRIES


def _is_poisoned(event: AccountEvent) -> bool:
    return event.account.name.startswith("Poisoned")


@subscribe("account.created", name="exits")
def exits(event: AccountEvent) -> None:
    """Ends the whole process."""
    if _is_poisoned(event):
        os._exit(7)


@subscribe("account.created", name="fills the memory")
def fills(event: AccountEvent) -> None:
    """Takes memory until there is none."""
    hoard = []
    while _is_poisoned(event):
        hoard.append(bytearray(512 * 1024 * 1024))


@subscribe("account.created", name="never ends")
def never_ends(event: AccountEvent) -> None:
    """Keeps its worker busy."""
    while _is_poisoned(event):
        pass


@subscribe("account.created", name="cannot read it")
def cannot_read(event: AccountEvent) -> None:
    """Meets something that does not decode."""
    if _is_poisoned(event):
        b"\xff".decode()


@subscribe("account.created", name="sound")
def sound(event: AccountEvent) -> None:
    """Does nothing wrong."""


claims.backoff = lambda tries: dt.timedelta(milliseconds=200)
short = {"tries": TRIES, "lease": dt.timedelta(seconds=4), "limit": dt.timedelta(seconds=3)}
claims.work._entries["reactions"] = replace(claims.work["reactions"], **short)
