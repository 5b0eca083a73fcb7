"""Custom facts: one value inside a JSON column, where anything may stand and nothing may fail the statement.

On PostgreSQL values are compared as jsonb, which orders null < text < number < boolean < array < object: one BETWEEN
says at once that there is a number and that it is in range, and no cast can meet what it cannot read. On SQLite the
column must hold JSON or NULL; the check constraint that Django gives a JSONField sees to that.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..language import FactType
from ..values import Kind
from . import ranges
from .columns import Column, Dialect
from .places import Place
from .thresholds import JSON_NUMBERS, Grid

_RANGES = {
    Kind.NUMBER: (-ranges.LARGEST_NUMBER, ranges.LARGEST_NUMBER),
    Kind.INSTANT: (ranges.FIRST_INSTANT, ranges.LAST_INSTANT),
    Kind.DATE: (ranges.FIRST_DATE, ranges.LAST_DATE),
}
IN_JSON: dict[Kind, Callable[[Any], object]] = {
    Kind.INSTANT: ranges.instant_number,
    Kind.DATE: ranges.date_number,
}


@dataclass(frozen=True)
class Item:
    """One value of a JSON column in SQL: the value; on SQLite also its type, and its place for `json_each`."""

    value: str
    type: str = ""
    each: str = ""


def item_of(column: Column, dialect: Dialect) -> Item:
    """The value under the column's key."""
    name = column.sql.replace("%", "%%")
    if dialect is Dialect.POSTGRESQL:
        return Item(f"({name} -> '{column.key}')")
    place = f"""{name}, '$."{column.key}"'"""
    return Item(f"json_extract({place})", f"json_type({place})", place)


def json_place(item: Item, fact_type: FactType, kind: Kind, dialect: Dialect) -> Place:
    """The fact of this type, and so of this kind, where the item is."""
    return (_postgresql if dialect is Dialect.POSTGRESQL else _sqlite)(item, fact_type, kind)


def _postgresql(item: Item, fact_type: FactType, kind: Kind) -> Place:
    value, in_json = item.value, IN_JSON.get(kind, _as_it_is)
    if kind is Kind.BOOLEAN:
        return _truth(Dialect.POSTGRESQL, value, "'true'::jsonb", "'false'::jsonb")
    return Place(
        Dialect.POSTGRESQL,
        kind,
        value,
        _known_to_postgresql(value, kind),
        needs_guard=True,
        placeholder="%s::jsonb",
        write=lambda operand: json.dumps(in_json(operand), ensure_ascii=False),
        grid=_grid(fact_type),
        element=f"{value} @> %s::jsonb",
        is_number=kind in IN_JSON,
        ends=(str(ranges.ENDS[0]), str(ranges.ENDS[1])),
    )


def _known_to_postgresql(value: str, kind: Kind) -> str:
    if kind in (Kind.TEXT, Kind.LIST):
        return f"jsonb_typeof({value}) = '{'string' if kind is Kind.TEXT else 'array'}'"
    first, last = _RANGES[kind]
    in_range = f"{value} BETWEEN '{first}'::jsonb AND '{last}'::jsonb"
    if kind is Kind.NUMBER:
        return in_range
    # Whether a number is whole is asked only of numbers: the cast fails on anything else.
    return f"CASE WHEN {in_range} THEN {value}::numeric %% 1 = 0 END"


def _sqlite(item: Item, fact_type: FactType, kind: Kind) -> Place:
    if kind is Kind.BOOLEAN:
        return _truth(Dialect.SQLITE, item.type, "'true'", "'false'")
    return Place(
        Dialect.SQLITE,
        kind,
        item.value,
        _known_to_sqlite(item, kind),
        needs_guard=True,
        write=IN_JSON.get(kind, _as_it_is),
        grid=_grid(fact_type),
        element=f"EXISTS (SELECT 1 FROM json_each({item.each}) AS e "
        f"WHERE e.type {_elements(fact_type)} AND e.value = %s)",
        is_number=kind in IN_JSON,
        ends=ranges.ENDS,
    )


def _known_to_sqlite(item: Item, kind: Kind) -> str:
    if kind in (Kind.TEXT, Kind.LIST):
        return f"{item.type} = '{'text' if kind is Kind.TEXT else 'array'}'"
    first, last = _RANGES[kind]
    in_range = f"{item.type} IN ('integer', 'real') AND {item.value} BETWEEN {first} AND {last}"
    return in_range if kind is Kind.NUMBER else f"{in_range} AND {item.value} = CAST({item.value} AS INTEGER)"


def _elements(fact_type: FactType) -> str:
    return "= 'text'" if fact_type is FactType.TEXT_LIST else "IN ('integer', 'real')"


def _truth(dialect: Dialect, item: str, true: str, false: str) -> Place:
    """A boolean: its CASE is already NULL for everything else."""
    truth = f"CASE {item} WHEN {true} THEN TRUE WHEN {false} THEN FALSE END"
    return Place(dialect, Kind.BOOLEAN, truth, f"{truth} IS NOT NULL")


def _grid(fact_type: FactType) -> Grid | None:
    return JSON_NUMBERS if fact_type.operand_kind is Kind.NUMBER else None


def _as_it_is(value: Any) -> Any:
    return value
