"""The statement that a careful person would write for fifty conditions, knowing the tables and nothing of the engine.

It is made from the same trees by a translator of its own, so that it also serves as a second opinion. Custom facts are
taken out of their JSON once a row and are checked there for what docs/conditions.md says of them; conditions are plain
comparisons.
"""

import datetime as dt
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

from django.db import connection, transaction

from tests.benchmarks.book import AT, CUSTOM, EPOCH, TODAY
from tests.benchmarks.subjects.evaluation.conditions import TYPED, Node

HALF = 31
SYMBOLS = {
    "equal": "=",
    "notEqual": "<>",
    "lessThan": "<",
    "lessThanInclusive": "<=",
    "greaterThan": ">",
    "greaterThanInclusive": ">=",
}
# What numbers in JSON can be: whole days and microseconds of the years 1 to 9999.
RANGES = {
    "number": (-(10**15), 10**15),
    "date": (-719_162, 2_932_896),
    "instant": (-62_135_596_800_000_000, 253_402_300_799_999_999),
}
INSTANTS = {"last_active_at", "closed_won_at"}
DATES = {"contract_end_date"}
COLUMNS = {"arr": "arr_minor"}


def rows(text: str, after: int, until: int) -> list[tuple[Any, ...]]:
    """What a `statement` finds among the accounts with ids above `after`, up to `until`."""
    with transaction.atomic() if _is_postgresql() else nullcontext(), connection.cursor() as cursor:
        if _is_postgresql():  # which thinks that a chunk is too small to share
            cursor.execute("SET LOCAL min_parallel_table_scan_size = 0; SET LOCAL min_parallel_index_scan_size = 0")
        cursor.execute(text, [after, until] * 2)
        return cursor.fetchall()


def statement(conditions: Sequence[Node]) -> str:
    """SQL that tells who differs: account id, bits that turn, bits that are unknown. Condition number n is bit n."""
    halves = [conditions[start : start + HALF] for start in range(0, len(conditions), HALF)]
    words = ", ".join(f"{_word(half)} AS w{place}" for place, half in enumerate(halves))
    low = (1 << HALF) - 1
    true = " | ".join(f"((w{place} & {low}) << {place * HALF})" for place in range(len(halves)))
    unknown = " | ".join(f"(((w{place} >> {HALF}) & {low}) << {place * HALF})" for place in range(len(halves)))
    fence = _fence()
    return f"""
        SELECT account_id, turned, unknown FROM (
            SELECT account_id, h, unknown, (~t & tr) | (t & ~(tr | unknown) & {(1 << len(conditions)) - 1}) AS turned
            FROM (
                SELECT account_id, t, h, {true} AS tr, {unknown} AS unknown FROM (
                    SELECT account_id, t, h, {words} FROM ({_rows()} {fence}) v {fence}
                ) w {fence}
            ) x {fence}
        ) y WHERE turned <> 0 OR h <> unknown"""


def _fence() -> str:
    """Keeps a layer apart. A plain 0 would do on PostgreSQL, but forbids it to work in parallel."""
    return "OFFSET bigint '0'" if _is_postgresql() else "LIMIT -1"


def _is_postgresql() -> bool:
    return connection.vendor == "postgresql"


def _rows() -> str:
    """Facts with custom ones beside them: each taken out of its JSON once, and empty unless it is what it should be."""
    columns = ", ".join(f"f.{COLUMNS.get(fact, fact)}" for fact in TYPED)
    items = ", ".join(_item(key) for key in CUSTOM)
    typed = _typed_in_postgresql if _is_postgresql() else _typed_in_sqlite
    values = ", ".join(f"{typed(key, kind)} AS {key}" for key, kind in CUSTOM.items())
    return f"""
        SELECT *, {values} FROM (
            SELECT f.account_id, COALESCE(s.true_0, 0) AS t, COALESCE(s.held_0, 0) AS h, {columns}, {items}
            FROM accounts_accountfacts f
            LEFT JOIN retention_standing s ON s.account_id = f.account_id AND s.account_id > %s AND s.account_id <= %s
            WHERE f.account_id > %s AND f.account_id <= %s {_fence()}
        ) u"""


def _item(key: str) -> str:
    if _is_postgresql():
        return f"custom -> '{key}' AS {key}_json"
    return f"json_extract(custom, '$.{key}') AS {key}_json, json_type(custom, '$.{key}') AS {key}_type"


def _typed_in_postgresql(key: str, kind: str) -> str:
    item = f"{key}_json"
    if kind == "text_list":
        return f"CASE WHEN jsonb_typeof({item}) = 'array' THEN {item} END"
    if kind == "text":
        return f"CASE WHEN jsonb_typeof({item}) = 'string' THEN {item} #>> '{{}}' END"
    if kind == "boolean":
        return f"CASE {item} WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE END"
    first, last = RANGES[kind]
    in_range = f"CASE WHEN {item} BETWEEN '{first}'::jsonb AND '{last}'::jsonb THEN"
    if kind == "number":
        return f"{in_range} {item}::float8 END"
    return f"{in_range} CASE WHEN {item}::numeric %% 1 = 0 THEN {item}::bigint END END"


def _typed_in_sqlite(key: str, kind: str) -> str:
    item, found = f"{key}_json", f"{key}_type"
    if kind not in RANGES:
        kinds = {"text": "'text'", "boolean": "'true', 'false'", "text_list": "'array'"}[kind]
        return f"CASE WHEN {found} IN ({kinds}) THEN {item} END"
    first, last = RANGES[kind]
    whole = "" if kind == "number" else f" AND {item} = CAST({item} AS INTEGER)"
    return f"CASE WHEN {found} IN ('integer', 'real') AND {item} BETWEEN {first} AND {last}{whole} THEN {item} END"


def _word(conditions: Sequence[Node]) -> str:
    """True in the low bits, unknown above them."""
    return " | ".join(_bits(_condition(node), place) for place, node in enumerate(conditions))


def _bits(sql: str, place: int) -> str:
    true, unknown = 1 << place, 1 << place + HALF
    if _is_postgresql():
        return f"CASE {sql} WHEN TRUE THEN {true}::bigint WHEN FALSE THEN 0 ELSE {unknown} END"
    return f"CASE WHEN NOT {sql} THEN 0 WHEN {sql} THEN {true} ELSE {unknown} END"  # more are false than true


def _condition(node: Node) -> str:
    if "not" in node:
        return f"(NOT {_condition(node['not'])})"
    for group, joint in (("all", " AND "), ("any", " OR ")):
        if group in node:
            return f"({joint.join(map(_condition, node[group]))})"
    return _leaf(node["fact"], node["operator"], node.get("value"))


def _leaf(fact: str, operator: str, value: Any) -> str:
    column = COLUMNS.get(fact, fact)
    if operator in ("isKnown", "isUnknown"):
        return f"({column} IS {'NOT ' if operator == 'isKnown' else ''}NULL)"
    if operator in ("contains", "doesNotContain"):
        return f"({'NOT ' if operator == 'doesNotContain' else ''}{_contains(column, value)})"
    if operator in ("in", "notIn"):
        items = ", ".join(_literal(fact, item) for item in value)
        return f"({column} {'IN' if operator == 'in' else 'NOT IN'} ({items}))"
    if operator in SYMBOLS:
        return f"({column} {SYMBOLS[operator]} {_literal(fact, value)})"
    return _window(fact, operator, value["days"])


def _contains(column: str, value: str) -> str:
    if _is_postgresql():
        return f"{column} ? '{value}'"
    return f"CASE WHEN {column} IS NOT NULL THEN EXISTS (SELECT 1 FROM json_each({column}) WHERE value = '{value}') END"


def _window(fact: str, operator: str, days: int) -> str:
    def moved(by: int) -> str:
        return _literal(fact, _now(fact) + dt.timedelta(days=by))

    if operator == "withinLast":
        return f"({fact} > {moved(-days)} AND {fact} <= {moved(0)})"
    if operator == "withinNext":
        return f"({fact} > {moved(0)} AND {fact} <= {moved(days)})"
    return f"({fact} <= {moved(-days)})" if operator == "moreThanAgo" else f"({fact} > {moved(days)})"


def _now(fact: str) -> dt.date:
    return TODAY if fact in DATES or CUSTOM.get(fact) == "date" else AT


def _literal(fact: str, value: Any) -> str:
    kind = CUSTOM.get(fact)
    if kind == "date":
        day = dt.date.fromisoformat(value) if isinstance(value, str) else value
        return str((day - EPOCH.date()).days)
    if kind == "instant":
        return str((value - EPOCH) // dt.timedelta(microseconds=1))
    if fact == "arr":
        return str(round(value * 100))
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, (int, float)):
        return f"{value}::float8" if _is_postgresql() and isinstance(value, float) else str(value)
    if fact in INSTANTS and _is_postgresql():
        return f"'{value}'::timestamptz"
    return f"'{value.replace(tzinfo=None) if isinstance(value, dt.datetime) else value}'"
