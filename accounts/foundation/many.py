"""Many rows at once: sets of ids as one parameter, and rows written without a parameter per value."""

import datetime as dt
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from operator import attrgetter
from typing import Any, Literal, TypeVar

import msgspec
from django.core.exceptions import EmptyResultSet
from django.db import connection, connections, models
from django.db.models.expressions import RawSQL

BATCH = 500
Row = TypeVar("Row", bound=models.Model)
_AS_IT_IS = frozenset({bool, int, str})
"""Types of values that both databases take as they are, whatever column of theirs it is but JSON."""
_NEEDS_NOTHING = (models.CharField, models.IntegerField, models.BooleanField, models.ForeignKey)
"""Fields whose values a model instance holds just as COPY takes them."""


def among(ids: Iterable[Any], *, of: Literal["bigint", "uuid"] = "bigint") -> RawSQL:
    """The right-hand side of an `__in` for many ids: one parameter, and the same statement however many there are."""
    if connection.vendor == "postgresql":
        return RawSQL(f"SELECT unnest(%s::{of}[])", [array(ids)])
    return RawSQL("SELECT value FROM json_each(%s)", [msgspec.json.encode(list(ids)).decode()])


class OfIds:
    """The rows of many ids, as tuples of columns just as the database gives them, by a statement composed once.

    Composing a query takes Django longer than carrying it out; lists ask the same one for each page. JSON comes as text
    and, from SQLite, an instant without its zone: `instant` and `msgspec.json.decode` read them.
    """

    def __init__(self, compose: Callable[[RawSQL], models.QuerySet[Any]]) -> None:
        self._compose, self._text = compose, ""

    def __call__(self, ids: Iterable[int] | models.QuerySet[Any]) -> list[tuple[Any, ...]]:
        """The rows of these ids, or of those that a query of ids finds."""
        try:
            these, params = _ids(ids)
        except EmptyResultSet:
            return []
        if not self._text:
            self._text, _ = self._compose(RawSQL(_THESE, [])).query.sql_with_params()
        with connection.cursor() as cursor:
            cursor.execute(self._text.replace(_THESE, these), params)
            return cursor.fetchall()


_THESE = "SELECT these"
"""Stands in a statement that is kept for the ids of one call."""


def _ids(ids: Iterable[int] | models.QuerySet[Any]) -> tuple[str, Sequence[Any]]:
    if isinstance(ids, models.QuerySet):
        return ids.query.sql_with_params()
    one_parameter = among(ids)
    return one_parameter.sql, one_parameter.params


def instant(value: dt.datetime | None) -> dt.datetime | None:
    """An instant with its zone, which SQLite does not keep."""
    return value if value is None or value.tzinfo else value.replace(tzinfo=dt.UTC)


def among_texts(texts: Iterable[str]) -> RawSQL:
    """The same as `among` for texts."""
    if connection.vendor == "postgresql":
        return RawSQL("SELECT jsonb_array_elements_text(%s::jsonb)", [json.dumps(list(texts))])
    return RawSQL("SELECT value FROM json_each(%s)", [json.dumps(list(texts))])


def delete_all(rows: models.QuerySet[Any]) -> int:
    """Deletes all that `rows` finds, a bounded number at a time and each in its own statement; returns how many."""
    done = 0
    while keys := list(rows.values_list("pk", flat=True)[:BATCH]):
        done += rows.model._base_manager.filter(pk__in=keys).delete()[0]
    return done


def array(values: Iterable[Any]) -> str:
    """Values as PostgreSQL reads an array: one text is quicker than a list that is adapted value by value."""
    values = list(values)
    as_text = repr if {*map(type, values)} <= {int} else _element  # ids, nearly always
    return "{" + ",".join(map(as_text, values)) + "}"


def _element(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(value)
    text = json.dumps(value.obj) if hasattr(value, "obj") else str(value)  # psycopg wraps JSON
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def insert(model: type[Row], rows: Sequence[Row]) -> None:
    """Stores new rows of `model` and gives them their ids. As `bulk_create`, it sends no signals."""
    if connection.vendor != "postgresql":
        model._base_manager.bulk_create(rows, batch_size=BATCH)
    elif rows:
        _copy(model, rows)


def _copy(model: type[Row], rows: Sequence[Row]) -> None:
    """By COPY, several times as fast as INSERT: ids are drawn beforehand, as COPY returns none."""
    fields, key = model._meta.concrete_fields, model._meta.pk.column
    table, names = f'"{model._meta.db_table}"', ", ".join(f'"{field.column}"' for field in fields)
    with connection.cursor() as cursor:
        sequence = "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)"
        cursor.execute(sequence, [table, key, len(rows)])
        for row, (pk,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk = pk
        with connection.wrap_database_errors, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for values in _prepared_rows(fields, rows):
                copy.write_row(values)
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def write(model: type[models.Model], columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Stores new rows given as tuples of plain values, by COPY or `executemany`: the quickest that there is.

    Whoever calls it knows the columns: Django fills in nothing but the id.
    """
    if rows:
        with writing(model, columns) as store:
            for row in rows:
                store(row)


@contextmanager
def writing(model: type[models.Model], columns: Sequence[str]) -> Iterator[Callable[[tuple[Any, ...]], None]]:
    """`write` for rows that are made one by one: PostgreSQL stores them while the next ones are in the making.

    No other statement may be sent meanwhile.
    """
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            into = f'COPY "{model._meta.db_table}" ({names}) FROM STDIN'
            with connection.wrap_database_errors, cursor.copy(into) as copy:
                yield copy.write_row
        else:
            rows: list[tuple[Any, ...]] = []
            yield rows.append
            marks = ", ".join(["%s"] * len(columns))
            into = f'INSERT INTO "{model._meta.db_table}" ({names}) VALUES ({marks})'  # noqa: S608
            cursor.executemany(into, list(_as_texts(model, columns, rows)))


def insert_from(model: type[models.Model], rows: models.QuerySet[Any], **values: Any) -> int:
    """Stores a new row of `model` for each of `rows`, in one statement; returns how many.

    `values` gives each column by the name of its field: a value, or an expression over `rows`. Columns that are left
    out are NULL; Django fills in nothing but the id.
    """
    fields: dict[str, Any] = {name: model._meta.get_field(name) for name in values}
    picked = {f"new_{name}": _expression(value, fields[name]) for name, value in values.items()}
    text, params = rows.order_by("pk").annotate(**picked).values_list(*picked).query.sql_with_params()
    names = ", ".join(f'"{field.column}"' for field in fields.values())
    with connection.cursor() as cursor:
        cursor.execute(f'INSERT INTO "{model._meta.db_table}" ({names}) {text}', params)  # noqa: S608
        return int(cursor.rowcount)


class as_json(models.F):  # noqa: N801 - reads as the function that it stands for
    """A JSON column as a part of a larger JSON; by itself SQLite would take it for a text."""

    def resolve_expression(self, *args: Any, **kwargs: Any) -> Any:
        column = super().resolve_expression(*args, **kwargs)
        if connection.vendor == "postgresql":
            return column
        return models.Func(column, function="JSON", output_field=models.JSONField())


def _expression(value: Any, field: Any) -> Any:
    return value if hasattr(value, "resolve_expression") else models.Value(value, output_field=field)


def change(model: type[models.Model], columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Sets `columns` of the rows whose id comes first in each tuple, all in one statement and one parameter."""
    if not rows:
        return
    table, key = model._meta.db_table, str(model._meta.pk.column)
    fields = [_field(model, column) for column in (key, *columns)]
    if connection.vendor == "postgresql":
        values = ", ".join(f"(v->>{n})::{field.rel_db_type(connection)}" for n, field in enumerate(fields))
        source = f"SELECT {values} FROM jsonb_array_elements(%s::jsonb) v"  # noqa: S608
    else:
        rows = list(_as_texts(model, (key, *columns), rows))
        values = ", ".join(f"json_extract(value, '$[{n}]')" for n in range(len(fields)))
        source = f"SELECT {values} FROM json_each(%s)"  # noqa: S608
    names = ", ".join(f"c{n}" for n in range(len(fields)))
    news = ", ".join(f'"{column}" = c{n}' for n, column in enumerate(columns, start=1))
    text = f'WITH new ({names}) AS ({source}) UPDATE "{table}" SET {news} FROM new WHERE "{table}"."{key}" = c0'  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(text, [msgspec.json.encode(rows).decode()])


def put(model: type[Row], columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Stores rows of which some are new: those are inserted, of the others `columns` are changed."""
    change(model, columns, [(row.pk, *(getattr(row, column) for column in columns)) for row in rows if row.pk])
    insert(model, [row for row in rows if not row.pk])


def _field(model: type[models.Model], column: str) -> "models.Field[Any, Any]":
    return next(field for field in model._meta.concrete_fields if field.column == column)


def _as_texts(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[tuple[Any, ...]]
) -> Iterable[tuple[Any, ...]]:
    """The rows with instants and days as Django writes them into SQLite."""
    fields = [_field(model, column) for column in columns]
    dated = [n for n, field in enumerate(fields) if isinstance(field, models.DateField)]
    return (_dated(row, dated) for row in rows) if dated else rows


def _dated(row: tuple[Any, ...], places: Sequence[int]) -> tuple[Any, ...]:
    values = list(row)
    for n in places:
        values[n] = _text(values[n])
    return tuple(values)


def _text(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return str(value.replace(tzinfo=None))
    return str(value) if isinstance(value, dt.date) else value


def upsert(model: type[Row], rows: Sequence[Row], *, kept: Collection[str] = ()) -> None:
    """Writes whole rows of `model` whose ids are known: new ones are inserted, others overwritten but for `kept`."""
    fields = model._meta.concrete_fields
    columns = {str(field.column): str(field.db_type(connection)) for field in fields}
    here = connections[connection.alias]  # the proxy looks it up again for every value
    values = [[_prepared(field, getattr(row, field.attname), here) for field in fields] for row in rows]
    upsert_values(model._meta.db_table, columns, values, key=str(model._meta.pk.column), kept=kept)


def _prepared_rows(fields: Sequence["models.Field[Any, Any]"], rows: Sequence[models.Model]) -> Iterator[list[Any]]:
    """The values of new rows as COPY takes them. Asks only those fields for a value that make one themselves."""
    here = connections[connection.alias]
    making = [(n, field) for n, field in enumerate(fields) if type(field).pre_save is not models.Field.pre_save]
    adapted = [(n, field) for n, field in enumerate(fields) if not isinstance(field, _NEEDS_NOTHING)]
    valued = attrgetter(*(field.attname for field in fields))
    for row in rows:
        values = list(valued(row))
        for n, field in making:
            values[n] = field.pre_save(row, True)
        for n, field in adapted:
            values[n] = _prepared(field, values[n], here)
        yield values


def _prepared(field: "models.Field[Any, Any]", value: Any, here: Any) -> Any:
    if value is None or (type(value) in _AS_IT_IS and not isinstance(field, models.JSONField)):
        return value
    return field.get_db_prep_save(value, here)


def upsert_values(
    table: str, columns: Mapping[str, str], rows: Sequence[Sequence[Any]], *, key: str, kept: Collection[str] = ()
) -> None:
    """Inserts rows in one statement; where `key` exists, the columns are overwritten but for `kept`.

    `columns` holds name and type.
    """
    if not rows:
        return
    names = ", ".join(f'"{name}"' for name in columns)
    sets = ", ".join(f'"{name}" = excluded."{name}"' for name in columns if name != key and name not in kept)
    head, tail = f'INSERT INTO "{table}" ({names})', f'ON CONFLICT ("{key}") DO UPDATE SET {sets}'
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            arrays = ", ".join(f"%s::{kind}[]" for kind in columns.values())
            cursor.execute(f"{head} SELECT * FROM unnest({arrays}) {tail}", [*map(array, zip(*rows, strict=True))])
        else:
            cursor.executemany(f"{head} VALUES ({', '.join(['%s'] * len(columns))}) {tail}", rows)
