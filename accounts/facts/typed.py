"""Values of custom facts as people type them and as programs send them, read as the type of the fact."""

import datetime as dt
import re
from typing import Any

from accounts.facts.catalogue import Fact, Type
from accounts.ingestion.instants import instant

_NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?")
_YES, _NO = {"yes", "true", "y", "1"}, {"no", "false", "n", "0"}
LONGEST_NUMBER = 40
EXPECTED = {
    Type.NUMBER: "A number such as 1204.5.",
    Type.RATIO: "A share such as 35 % or 0.35.",
    Type.MONEY: "An amount in the base currency, such as 48000.",
    Type.TEXT: "Any text.",
    Type.BOOLEAN: "yes or no.",
    Type.INSTANT: "Day and time such as 2026-01-31T09:00, in UTC where no offset is given.",
    Type.DATE: "A date such as 2026-01-31.",
    Type.TEXT_LIST: "Several texts, with commas between them.",
    Type.NUMBER_LIST: "Several numbers, with semicolons between them.",
}


def typed(text: str, fact: Fact) -> Any:
    """The value that `text` says; None (unknown) where it is empty. Raises ValueError saying what was expected."""
    text = text.strip()
    if not text:
        return None
    if fact.type in (Type.TEXT_LIST, Type.NUMBER_LIST):
        parts = [part.strip() for part in re.split(r"[\n;]" if ";" in text or "\n" in text else ",", text)]
        return [_number(part) if fact.type is Type.NUMBER_LIST else part for part in parts if part]
    if fact.type is Type.BOOLEAN:
        return _boolean(text)
    if fact.type is Type.TEXT:
        return text
    if fact.type is Type.RATIO and text.endswith("%"):
        return _number(text.removesuffix("%").strip()) / 100
    return told(text, fact) if fact.type in (Type.DATE, Type.INSTANT) else _number(text)


def told(value: Any, fact: Fact) -> Any:
    """What a program sent: dates and instants come as text, everything else is what it is."""
    if fact.type not in (Type.DATE, Type.INSTANT) or value is None:
        return value
    if not isinstance(value, str):
        raise ValueError(_expected(fact))
    try:
        return dt.date.fromisoformat(value) if fact.type is Type.DATE else instant(value)
    except (ValueError, OverflowError):
        raise ValueError(_expected(fact)) from None


def _expected(fact: Fact) -> str:
    return "expected a date such as 2026-01-31" if fact.type is Type.DATE else "expected 2026-01-31T09:00:00Z"


def _number(text: str) -> int | float:
    """A number as one types it: 1204, 1,204.5, -3. A comma groups thousands, a point stands before decimals."""
    text = text.replace("\N{MINUS SIGN}", "-").replace("\N{NO-BREAK SPACE}", "").replace(" ", "")
    if not _NUMBER.fullmatch(text) or not text.isascii() or len(text) > LONGEST_NUMBER:
        raise ValueError("expected a number such as 1204.5")
    plain = text.replace(",", "")
    return float(plain) if "." in plain else int(plain)


def _boolean(text: str) -> bool:
    if text.lower() in _YES | _NO:
        return text.lower() in _YES
    raise ValueError("expected yes or no")


def text_of(value: Any, fact: Fact) -> str:
    """`value` as it would be typed again."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return value.isoformat() if isinstance(value, (dt.date, dt.datetime)) else str(value)
