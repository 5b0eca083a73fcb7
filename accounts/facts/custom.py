"""How values of custom facts are kept in JSON, and read again: typed, or not at all.

| type | kept as |
|---|---|
| number, ratio, money (in units) | number |
| text · boolean | text · true or false |
| instant | whole microseconds since 1970-01-01T00:00:00Z |
| date | whole days since 1970-01-01 |
| lists | list of the elements |

Numbers rather than text for time: a database compares them without a cast, and a cast is what would fail a whole pass
over one malformed row.
"""

import datetime as dt
from typing import Any

from accounts.facts.catalogue import Type

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
FIRST_DAY = EPOCH.date().toordinal()
MICROSECOND = dt.timedelta(microseconds=1)
LAST_INSTANT = 253_402_300_799_999_999
LARGEST = 10**15
"""Up to here whole numbers are told apart alike by floats, by JSON readers and by both databases."""
LONGEST_TEXT = 1000
LONGEST_LIST = 1000


def read(value: Any, kind: Type) -> Any:
    """The value of a custom fact in Python's types; None where it is missing or malformed."""
    if kind in (Type.INSTANT, Type.DATE):
        return _moment(value, kind)
    if kind in (Type.TEXT_LIST, Type.NUMBER_LIST):
        return [_element(item) for item in value] if isinstance(value, list) else None
    wanted = {Type.TEXT: str, Type.BOOLEAN: bool}.get(kind)
    if wanted:
        return value if isinstance(value, wanted) else None
    return value if _is_number(value) and abs(value) <= LARGEST else None


def _element(item: Any) -> Any:
    """An element of a list as it is; a number beyond what is told apart equals nothing."""
    return None if _is_number(item) and abs(item) > LARGEST else item


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value == value


def _moment(value: Any, kind: Type) -> dt.datetime | dt.date | None:
    if not _is_number(value) or abs(value) > LAST_INSTANT or value != int(value):
        return None
    try:
        if kind is Type.DATE:
            return dt.date.fromordinal(FIRST_DAY + int(value))
        return EPOCH + int(value) * MICROSECOND
    except (ValueError, OverflowError):
        return None


def kept(value: Any, kind: Type) -> Any:
    """`value` as JSON keeps it. Raises ValueError saying what was expected."""
    check = {
        Type.TEXT: _text,
        Type.BOOLEAN: _boolean,
        Type.INSTANT: _instant,
        Type.DATE: _date,
        Type.TEXT_LIST: lambda items: _items(items, _text),
        Type.NUMBER_LIST: lambda items: _items(items, _number),
    }.get(kind, _number)
    return check(value)


def _number(value: Any) -> int | float:
    if not _is_number(value) or abs(value) > LARGEST:
        raise ValueError(f"expected a number between −{LARGEST:,} and {LARGEST:,}")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        raise ValueError(f"expected text of at most {LONGEST_TEXT} characters")
    if any(character == "\0" or "\ud800" <= character <= "\udfff" for character in value):
        raise ValueError("holds a character that cannot be stored (NUL or half a surrogate pair); remove it")
    return value


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("expected true or false")
    return value


def _instant(value: Any) -> int:
    if not isinstance(value, dt.datetime) or value.tzinfo is None:
        raise ValueError("expected an instant with its offset, such as 2026-01-31T09:00:00Z")
    return (value - EPOCH) // MICROSECOND


def _date(value: Any) -> int:
    if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
        raise ValueError("expected a date such as 2026-01-31")
    return value.toordinal() - FIRST_DAY


def _items(value: Any, check: Any) -> list[Any]:
    if not isinstance(value, list) or len(value) > LONGEST_LIST:
        raise ValueError(f"expected a list of at most {LONGEST_LIST} elements")
    return [check(item) for item in value]
