"""SQL answers as memory does: random conditions over random rows, unknown included, and every boundary in time.

CONDITION_PAIRS sets how many (condition, row) pairs are compared; nightly runs compare a million.
"""

import json
import os
import random
from datetime import datetime

import pytest
from django.db import connection

from accounts.foundation.truth import negate
from retention.conditions.evaluate import compile_closure, explain
from retention.conditions.language import leaves, to_json
from retention.conditions.sql import Dialect, compile_sql, extract, wake_sql
from retention.conditions.sql.typed import time_text
from retention.conditions.timing import boundaries, next_change

from . import samples
from .table import create, dialect, truth

PAIRS = int(os.environ.get("CONDITION_PAIRS", "10000"))
ROWS, TOGETHER = min(max(300, PAIRS // 100), 10_000), 25


@pytest.fixture
def stored(db):
    """The rows in the table: each with its facts as memory sees them."""
    return create(samples.rows(random.Random(1), ROWS))


def shown(condition):
    try:
        return json.dumps(to_json(condition))
    except ValueError:  # a held group
        return repr(condition)


def samples_of(seed, stored, **options):
    """Conditions, each with a moment, the columns it needs and some neighbouring rows to ask it of."""
    chance = random.Random(seed)
    for _ in range(PAIRS // TOGETHER):
        condition, start = samples.condition(chance, **options), chance.randrange(ROWS - TOGETHER)
        columns = samples.COLUMNS | samples.hold_columns(condition)
        yield condition, chance.choice(samples.MOMENTS), columns, stored[start : start + TOGETHER]


def layers(condition, columns):
    """The columns, and the table, in which values have been taken out of their JSON once a row."""
    asked = {leaf.fact: leaf.type for leaf in leaves(condition)}
    asked |= {boundary.fact: boundary.type for boundary in boundaries(condition)}
    taken = extract(asked, columns, dialect(), row="f")
    inner = f"SELECT {', '.join(['f.id', *taken.items])} FROM condition_rows f"
    return taken.columns, f"(SELECT {', '.join(['f.*', *taken.values])} FROM ({inner}) f)"


def answers(expressions, rows, table="condition_rows"):
    """The expressions over these rows, in their order."""
    selected = ", ".join(expression.text for expression in expressions)
    params = [param for expression in expressions for param in expression.params]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {selected} FROM {table} f WHERE id BETWEEN %s AND %s ORDER BY id",
            [*params, rows[0].id, rows[-1].id],
        )
        return cursor.fetchall()


def expect(given, expected, condition, moment, row):
    assert given == expected, (
        f"\ncondition: {shown(condition)}\nmoment: {moment}\nrow: {row.values}\ndatabase: {given}\nmemory: {expected}"
    )


@pytest.mark.parametrize("in_layers", [False, True], ids=["in place", "taken out"])
@pytest.mark.parametrize("negated", [False, True], ids=["plain", "negated"])
def test_the_database_answers_as_memory_does(stored, negated, in_layers):
    seen = {True: 0, False: 0, None: 0}
    for condition, moment, columns, rows in samples_of(2 + negated, stored):
        answer = compile_closure(condition)
        columns, table = layers(condition, columns) if in_layers else (columns, "condition_rows")
        compiled = compile_sql(condition, columns, dialect(), negated=negated).at(moment)
        for row, (given,) in zip(rows, answers([compiled], rows, table), strict=True):
            facts = samples.with_holds(row.facts, row.since, condition)
            expected = negate(answer(facts, moment)) if negated else answer(facts, moment)
            expect(truth(given), expected, condition, moment, row)
            assert explain(condition, facts, moment).truth is answer(facts, moment)
            seen[expected] += 1
    assert min(seen.values()) > PAIRS // 20


@pytest.mark.parametrize("in_layers", [False, True], ids=["in place", "taken out"])
def test_the_database_finds_the_next_boundary_as_memory_does(stored, in_layers):
    found = 0
    for condition, moment, columns, rows in samples_of(4, stored, only_time=True):
        columns, table = layers(condition, columns) if in_layers else (columns, "condition_rows")
        compiled = [sql.at(moment) for sql in wake_sql(boundaries(condition), columns, dialect())]
        for row, given in zip(rows, answers(compiled, rows, table), strict=True):
            facts = samples.with_holds(row.facts, row.since, condition)
            expected = next_change(condition, facts, moment)
            expect(given, as_stored(expected), condition, moment, row)
            found += any(isinstance(time, datetime) for time in expected)
    assert found > PAIRS // 20


def as_stored(times):
    if dialect() is Dialect.POSTGRESQL:
        return times
    return tuple(time and time_text(time) for time in times)


def test_a_condition_may_be_the_condition_of_a_query(stored):
    """In WHERE only true counts, as everywhere."""
    for condition, moment, columns, _ in list(samples_of(5, stored))[:40]:
        compiled = compile_sql(condition, columns, dialect()).at(moment)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT id FROM condition_rows f WHERE {compiled.text}", compiled.params)
            chosen = {row_id for (row_id,) in cursor.fetchall()}
        answer = compile_closure(condition)
        expected = {
            row.id for row in stored if answer(samples.with_holds(row.facts, row.since, condition), moment) is True
        }
        assert chosen == expected, shown(condition)
