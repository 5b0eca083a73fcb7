"""Where the facts are in the database, and what SQL is for the caller: text with parameters."""

import re
from dataclasses import dataclass
from enum import Enum, auto

from ..comparing import Moment
from .moments import at

_JSON_KEY = re.compile(r"[a-z0-9_:-]+")


class Dialect(Enum):
    """The database the SQL is for."""

    POSTGRESQL = auto()
    SQLITE = auto()


class Storage(Enum):
    """How a column keeps the values of its fact."""

    INTEGER = auto()
    # Double precision. PostgreSQL can keep NaN, which is unknown.
    FLOAT = auto()
    # The same where it never holds NaN.
    REAL = auto()
    # Whole minor units of a currency; the fact itself is in units. Read back as a float, an amount is exact below
    # 10**15 minor units; beyond, the database tells more amounts apart than a float does.
    MINOR = auto()
    TEXT = auto()
    BOOLEAN = auto()
    # timestamptz on PostgreSQL; on SQLite text as Django writes it, in UTC.
    INSTANT = auto()
    # date on PostgreSQL, ISO text on SQLite.
    DATE = auto()
    # Whole microseconds, or days, since 1970-01-01, as custom facts keep them.
    MICROSECONDS = auto()
    DAYS = auto()
    # One value inside a JSON column, in the form the contract of the language gives; anything else there is unknown.
    JSON = auto()


@dataclass(frozen=True)
class Column:
    """One fact's place: the qualified column in SQL, and for JSON the key inside it."""

    sql: str
    storage: Storage
    key: str = ""
    digits: int = 0

    def __post_init__(self) -> None:
        if self.storage is Storage.JSON and not _JSON_KEY.fullmatch(self.key):
            raise ValueError(f"{self.key!r} cannot be a key inside JSON; use small letters, digits and _ : -")


@dataclass(frozen=True)
class Sql:
    """SQL with `%s` for each parameter; any other `%` is doubled. Parameters may still wait for their moment."""

    text: str
    params: tuple[object, ...]

    def at(self, moment: Moment) -> "Sql":
        """The same with all parameters known."""
        return Sql(self.text, tuple(at(self.params, moment)))
