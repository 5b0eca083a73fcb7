"""Values as conditions see them: of which kind one is, and how dates and instants are read from text."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum, auto


class Kind(Enum):
    """What a value can be compared with: only values of one kind compare."""

    NUMBER = auto()
    TEXT = auto()
    BOOLEAN = auto()
    INSTANT = auto()
    DATE = auto()
    LIST = auto()


SCALARS = frozenset(Kind) - {Kind.LIST}
ORDERED = frozenset({Kind.NUMBER, Kind.INSTANT, Kind.DATE})

# A subclass stands before its base: True is an int, and a datetime is a date, but neither compares as one here.
_KINDS: dict[type, Kind] = {
    bool: Kind.BOOLEAN,
    int: Kind.NUMBER,
    float: Kind.NUMBER,
    Decimal: Kind.NUMBER,
    str: Kind.TEXT,
    datetime: Kind.INSTANT,
    date: Kind.DATE,
    list: Kind.LIST,
    tuple: Kind.LIST,
    set: Kind.LIST,
    frozenset: Kind.LIST,
}

_PLAIN = frozenset({bool, int, float, str, type(None)})

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?", re.ASCII)


def kind_of(value: object) -> Kind | None:
    """The kind of a value, or None for what compares with nothing: None, objects, and a number that is none (NaN)."""
    if value is None:
        return None
    kind = _KINDS.get(type(value)) or _kind_by_base(value)
    # NaN differs from itself. Databases disagree on where it sorts, so it is unknown everywhere.
    return None if kind is Kind.NUMBER and value != value else kind


def _kind_by_base(value: object) -> Kind | None:
    """The kind of an enum member or another subclass of a plain type."""
    return next((kind for base, kind in _KINDS.items() if isinstance(value, base)), None)


def read_date(text: str) -> date | None:
    """The date a text such as `2026-01-31` says, else None."""
    if not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def read_instant(text: str, *, offset_required: bool = True) -> datetime | None:
    """The instant, in UTC, that an ISO 8601 text says, else None. Without an offset it is refused, or read as UTC."""
    match = _INSTANT.fullmatch(text)
    if not match or (offset_required and not match[3]):
        return None
    try:
        said = datetime.fromisoformat(text)
        return said.astimezone(UTC) if said.tzinfo else said.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def read_temporal(value: object) -> object:
    """A text that is a date or an instant as such; everything else unchanged."""
    if not isinstance(value, str):
        return value
    return read_date(value) or read_instant(value, offset_required=False) or value


def as_json(value: object) -> object:
    """The value as JSON can carry it: dates and instants as ISO text, collections as lists."""
    if type(value) in _PLAIN:
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, (set, frozenset)):
        return sorted((as_json(item) for item in value), key=repr)
    if isinstance(value, (list, tuple)):
        return [as_json(item) for item in value]
    return value
