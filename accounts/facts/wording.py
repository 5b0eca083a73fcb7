"""Values of facts as people write them."""

import datetime as dt
from typing import Any

from accounts.facts.catalogue import Fact, Type
from accounts.facts.lookup import find
from accounts.foundation import money

UNKNOWN = "unknown"
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
    if fact.type is Type.TEXT:
        return str(value).replace("_", " ").capitalize()
    return f"{value:,}" if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)


def day(value: Any) -> str:
    """A date or an instant (or its ISO text) as 12 Nov 2026."""
    if isinstance(value, str):
        value = dt.datetime.fromisoformat(value)
    return f"{value:%d %b %Y}".removeprefix("0")
