"""Facts in columns of their own: compared bare, so that the SQL is what a person would have written."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

from ..values import Kind
from .columns import Column, Dialect, Storage
from .places import Place
from .ranges import ENDS
from .stored_json import IN_JSON
from .thresholds import FLOATS, INTEGERS, minor_units


def typed_place(column: Column, dialect: Dialect) -> Place:
    """The fact in a typed column."""
    name = column.sql.replace("%", "%%")
    plain = Place(dialect, KINDS[column.storage], name, f"{name} IS NOT NULL")
    return _BUILDERS.get(column.storage, _plain)(plain, column)


def _plain(place: Place, column: Column) -> Place:
    return place


def _integer(place: Place, column: Column) -> Place:
    return replace(place, grid=INTEGERS)


def _minor(place: Place, column: Column) -> Place:
    return replace(place, grid=minor_units(column.digits))


def _float(place: Place, column: Column) -> Place:
    if place.dialect is Dialect.SQLITE:  # which keeps NaN as NULL
        return replace(place, grid=FLOATS)
    number = not_nan(place.expression)
    # To PostgreSQL a bare 0.1 is a numeric. The cast says what it is for; it is worked out once, when planning.
    return replace(place, expression=number, known=f"{number} IS NOT NULL", placeholder="%s::float8", grid=FLOATS)


def _real(place: Place, column: Column) -> Place:
    return (
        replace(place, grid=FLOATS)
        if place.dialect is Dialect.SQLITE
        else replace(place, placeholder="%s::float8", grid=FLOATS)
    )


def not_nan(expression: str) -> str:
    """A float of PostgreSQL, NULL where it is none."""
    return f"NULLIF({expression}, 'NaN')"


def _time(place: Place, column: Column) -> Place:
    return replace(place, write=time_text, ends=("", "~")) if place.dialect is Dialect.SQLITE else place


def _counted(place: Place, column: Column) -> Place:
    return replace(place, write=IN_JSON[place.kind], is_number=True, ends=ENDS)


def time_text(value: date) -> str:
    """A date or an instant as Django writes it into SQLite, where the order of texts is the order in time.

    Microseconds stand there only if there are any, always six digits: what goes on sorts after what has ended.
    """
    return str(value.replace(tzinfo=None) if isinstance(value, datetime) else value)


KINDS = {
    Storage.INTEGER: Kind.NUMBER,
    Storage.FLOAT: Kind.NUMBER,
    Storage.REAL: Kind.NUMBER,
    Storage.MINOR: Kind.NUMBER,
    Storage.TEXT: Kind.TEXT,
    Storage.BOOLEAN: Kind.BOOLEAN,
    Storage.INSTANT: Kind.INSTANT,
    Storage.DATE: Kind.DATE,
    Storage.MICROSECONDS: Kind.INSTANT,
    Storage.DAYS: Kind.DATE,
}
_BUILDERS: dict[Storage, Callable[[Place, Column], Place]] = {
    Storage.INTEGER: _integer,
    Storage.FLOAT: _float,
    Storage.REAL: _real,
    Storage.MINOR: _minor,
    Storage.INSTANT: _time,
    Storage.DATE: _time,
    Storage.MICROSECONDS: _counted,
    Storage.DAYS: _counted,
}
