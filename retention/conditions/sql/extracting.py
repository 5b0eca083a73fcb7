"""Values taken out of their JSON (and out of floats that may be NaN) once a row, not by each of many comparisons.

What comes out is what a typed column would hold, NULL where the value is malformed; lists stay as they are.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..language import FactType
from ..values import Kind
from .columns import Column, Dialect, Storage
from .fragments import Fragment, case_of
from .places import Place
from .stored_json import Item, item_of, json_place
from .typed import not_nan

_STORAGES = {
    Kind.NUMBER: Storage.REAL,
    Kind.TEXT: Storage.TEXT,
    Kind.BOOLEAN: Storage.BOOLEAN,
    Kind.INSTANT: Storage.MICROSECONDS,
    Kind.DATE: Storage.DAYS,
}
# What a value of jsonb becomes once it is known to be of its kind.
_OUT_OF_JSONB = {Kind.NUMBER: "::float8", Kind.TEXT: " #>> '{}'", Kind.INSTANT: "::bigint", Kind.DATE: "::bigint"}


@dataclass
class Extraction:
    """What to select in two layers: `items` from the tables, then `values` from those; and where facts then stand."""

    items: list[str] = field(default_factory=list)
    values: list[str] = field(default_factory=list)
    columns: dict[str, Column] = field(default_factory=dict)


def extract(facts: Mapping[str, FactType], columns: Mapping[str, Column], dialect: Dialect, *, row: str) -> Extraction:
    """How to read these facts (or keys of holds), with their types, for someone who sees the two layers as `row`."""
    found = Extraction()
    for number, (fact, fact_type) in enumerate(sorted(facts.items())):
        column = columns[fact]
        if column.storage is Storage.JSON and fact_type.kind in _STORAGES:
            found.columns[fact] = _taken_out(found, number, column, fact_type.kind, fact_type, dialect, row)
        else:
            found.columns[fact] = _as_it_is(found, number, column, dialect, row)
    return found


def _as_it_is(found: Extraction, number: int, column: Column, dialect: Dialect, row: str) -> Column:
    text, storage = column.sql.replace("%", "%%"), column.storage
    if storage is Storage.FLOAT and dialect is Dialect.POSTGRESQL:
        text, storage = not_nan(text), Storage.REAL
    found.items.append(f'{text} AS "i_{number}"')
    return Column(f'{row}."i_{number}"', storage, column.key, column.digits)


def _taken_out(
    found: Extraction, number: int, column: Column, kind: Kind, fact_type: FactType, dialect: Dialect, row: str
) -> Column:
    item = item_of(column, dialect)
    found.items.append(f'{item.value} AS "i_{number}"')
    if item.type:
        found.items.append(f'{item.type} AS "j_{number}"')
    place = json_place(Item(f'{row}."i_{number}"', f'{row}."j_{number}"'), fact_type, kind, dialect)
    found.values.append(f'{_value(place, dialect)} AS "v_{number}"')
    return Column(f'{row}."v_{number}"', _STORAGES[kind])


def _value(place: Place, dialect: Dialect) -> str:
    """The value where it is known to be of its kind, else NULL."""
    if place.kind is Kind.BOOLEAN:
        return place.expression
    out = _OUT_OF_JSONB[place.kind] if dialect is Dialect.POSTGRESQL else ""
    return case_of(Fragment(place.known), Fragment(f"({place.expression}{out})")).text
