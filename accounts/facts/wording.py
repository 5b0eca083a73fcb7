"""Values of facts as people write them."""

import calendar
import datetime as dt
import re
from typing import Any

from accounts.facts.catalogue import Fact, Type
from accounts.facts.lookup import find
from accounts.foundation import money
from accounts.foundation.keys import KEY

UNKNOWN = "unknown"
MONTH = "month"
"""The unit of a number that stands for a month of the year."""
MINUS = "\N{MINUS SIGN}"


def shown(fact_key: str, value: Any, *, currency: str) -> str:
    """One value of a fact for people: −83 %, $48,000, 12 Nov 2026, Closed won, unknown."""
    fact = find(fact_key)
    if value is None:
        return UNKNOWN
    return _shown(fact, value, currency) if fact else str(value)


def _shown(fact: Fact, value: Any, currency: str) -> str:
    if fact.type is Type.RATIO:
        return f"{value:.0%}".replace("-", MINUS).replace("%", " %")
    if fact.type is Type.MONEY:
        return money.shown(money.nearest_minor(str(value), currency), currency)
    if fact.type in (Type.INSTANT, Type.DATE):
        return day(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return _number(value, fact.unit)
    return ", ".join(map(_text, value)) if isinstance(value, list) else _text(value)


SAID_OTHERWISE = {"base currency", MONTH}
"""Units that the value itself says."""
ONE = {"people": "person", "days": "day", "features": "feature", "roles": "role", "seats": "seat", "teams": "team"}


def unit_of(fact: Fact, value: Any) -> str:
    """The unit to follow a value: 14 people, 30 days; 1 person, 30 days; nothing where the value says it."""
    if fact.unit in SAID_OTHERWISE:
        return ""
    noun = re.match(r"\w*", fact.unit)
    return ONE.get(noun[0], noun[0]) + fact.unit[noun.end() :] if noun and value == 1 else fact.unit


def _number(value: float, unit: str) -> str:
    if unit == MONTH and value in range(1, 13):
        return calendar.month_name[int(value)]
    return f"{value:,}" if isinstance(value, int) or value.is_integer() else f"{value:,.2f}".rstrip("0")


def _text(value: Any) -> str:
    """A text as it is; the key of a choice in words: closed_won is Closed won."""
    text = str(value)
    return text.replace("_", " ").capitalize() if KEY.fullmatch(text) else text


def day(value: Any) -> str:
    """A date or an instant (or its ISO text) as 12 Nov 2026."""
    if isinstance(value, str):
        value = dt.datetime.fromisoformat(value)
    return f"{value:%d %b %Y}".removeprefix("0")
