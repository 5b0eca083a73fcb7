"""What the product bounds: each bound names the constant that the code enforces, so that no page tells another."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from importlib import import_module
from typing import Any

from django.conf import settings

from accounts.foundation.registry import Registry

KIB, MIB = 1024, 1024 * 1024
WARNING_AT = 0.8
"""From this share of a bound on, people are warned."""
CALM_AT = 0.75
"""Below it the warning is over. A little lower, so that use that swings around the bound does not warn every hour."""


class Group(StrEnum):
    """Under which heading a limit stands."""

    SIGNALS = "Signals"
    ACCOUNTS = "Accounts and what is known of them"
    RULES = "Rules, plays and stages"
    API = "The REST API"
    MESSAGES = "What leaves"
    PEOPLE = "People and signing in"
    INSTALLATION = "The installation"


class Unit(StrEnum):
    """What a limit counts; the words behind its number."""

    COUNT = ""
    BYTES = "bytes"
    CHARACTERS = "characters"
    DAYS = "days"
    SECONDS = "seconds"
    MINUTES = "minutes"
    HOURS = "hours"
    MEBIBYTES = "mebibytes"
    YEAR = "year"


@dataclass(frozen=True)
class Use:
    """How much of a limit is used at present, by the one that uses most of it."""

    used: int
    of: str = ""
    """Whose use that is, such as the name of a source; empty where there is but one."""


@dataclass(frozen=True)
class Limit:
    """One bound of the product."""

    label: str
    group: Group
    constant: str
    """Where the code declares it: `module:NAME`, or `settings:NAME` for what the environment sets."""
    unit: Unit
    beyond: str
    """What becomes of whatever is beyond it, as a sentence goes on."""
    why: str
    variable: str = ""
    """The environment variable that sets it; empty where it is fixed."""
    use: Callable[[], Use] | None = None
    """Reads how much is used at present; cheap. None where each request or row is measured by itself."""

    @property
    def value(self) -> int:
        """The bound that holds now, in its unit."""
        return _number(_declared(self.constant), self.unit)

    @property
    def words(self) -> str:
        """The bound as one says it: 4 MiB, 15 minutes, 2,500."""
        return spoken(self.value, self.unit)


limits: Registry[Limit] = Registry("limit")


LARGER = ((Unit.SECONDS, Unit.DAYS, 86_400), (Unit.SECONDS, Unit.HOURS, 3_600), (Unit.SECONDS, Unit.MINUTES, 60))
"""Whole numbers of a larger unit are said in it."""


def _declared(constant: str) -> Any:
    place, _, name = constant.partition(":")
    home = settings if place == "settings" else import_module(place)
    return reduce(getattr, name.split("."), home)


def _number(value: Any, unit: Unit) -> int:
    if not isinstance(value, dt.timedelta):
        return int(value)
    lengths = {Unit.DAYS: 86_400, Unit.HOURS: 3_600, Unit.MINUTES: 60, Unit.SECONDS: 1}
    return int(value.total_seconds() / lengths[unit])


def spoken(number: int, unit: Unit) -> str:
    """A number in its unit, as one says it."""
    if unit is Unit.BYTES:
        size, name = (MIB, "MiB") if number >= MIB else (KIB, "KiB")
        return f"{number / size:,.0f} {name}"
    if unit is Unit.MEBIBYTES:
        return f"{number:,} MiB"
    if unit is Unit.YEAR:
        return str(number)
    for smaller, larger, size in LARGER:
        if unit is smaller and number >= size and number % size == 0:
            return spoken(number // size, larger)
    if unit is Unit.COUNT:
        return f"{number:,}"
    return f"{number:,} {unit.value.removesuffix('s') if number == 1 else unit.value}"
