"""Which kinds of data are kept for a time only. Each is declared where it is trimmed."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from accounts.foundation.registry import Registry


@dataclass(frozen=True)
class Period:
    """One kind of data: what goes, what stays, and between which bounds an administrator may set for how long."""

    label: str
    goes: str
    """What is deleted when the time is over, and what stays, in one sentence."""
    days: int
    """For how long it is kept where nobody says otherwise."""
    smallest: int
    largest: int
    why: str
    """Why it is not kept for less, or more, in one sentence."""
    older: Callable[[dt.datetime], QuerySet[Any]]
    """The rows that go when everything before an instant goes."""


periods: Registry[Period] = Registry("kind of data kept for a time")
