"""Where SQL and the language part ways if nobody looks: each trap by its name, on the database of the tests."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from retention.conditions.check import parse
from retention.conditions.comparing import Moment
from retention.conditions.evaluate import compile_closure
from retention.conditions.language import All, Any_, FactType, Held, Leaf, Not, Window, hold_key
from retention.conditions.sql import Column, Dialect, Storage, compile_sql, wake_sql
from retention.conditions.timing import boundaries, next_change

from . import samples
from .catalogue import MOMENT, NOW, leaf
from .table import create, dialect, truth

DAY, TICK = timedelta(days=1), timedelta(microseconds=1)
NUMBER, TEXT, TEXTS, NUMBERS = "custom:number-1", "custom:text-1", "custom:text_list-1", "custom:number_list-1"
INSTANT, DATE, BOOLEAN = "custom:instant-1", "custom:date-1", "custom:boolean-1"


def answers(condition, rows, columns=samples.COLUMNS, moment=MOMENT):
    """What the database says of each row, after making sure that negation says the opposite."""
    plain = compile_sql(condition, columns, dialect()).at(moment)
    opposite = compile_sql(condition, columns, dialect(), negated=True).at(moment)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {plain.text}, {opposite.text} FROM condition_rows f ORDER BY id", [*plain.params, *opposite.params]
        )
        given = [(truth(first), truth(second)) for first, second in cursor.fetchall()]
    assert len(given) == len(rows)
    assert all((first is None) is (second is None) for first, second in given)
    assert all(first is not second for first, second in given if first is not None)
    return [first for first, _ in given]


def typed(fact, *values):
    return create([{fact: value} for value in values])


def in_json(key, *raw):
    return create([{"custom": f'{{"{key}": {value}}}'} for value in raw])


def ask(source, rows, **options):
    """The database's answers to a condition in JSON, which are also memory's."""
    condition = parse(source, samples.TYPES)
    given = answers(condition, rows, **options)
    assert given == [compile_closure(condition)(row.facts, options.get("moment", MOMENT)) for row in rows]
    return given


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        ("lessThan", [True, False, None]),
        ("lessThanInclusive", [True, False, None]),
        ("greaterThan", [False, True, None]),
        ("greaterThanInclusive", [False, True, None]),
        ("equal", [False, False, None]),
        ("notEqual", [True, True, None]),
    ],
)
def test_a_fractional_threshold_lies_between_whole_numbers(db, operator, expected):
    assert ask(leaf("seats", operator, 2.5), typed("seats", 2, 3, None)) == expected


@pytest.mark.parametrize("threshold", [2**63, 10**400, 1e300])
def test_a_threshold_beyond_all_whole_numbers_is_settled_for_known_ones(db, threshold):
    rows = typed("seats", 2**63 - 1, -(2**63), None)
    assert ask(leaf("seats", "lessThan", threshold), rows) == [True, True, None]
    assert ask(leaf("seats", "lessThanInclusive", -threshold - 2**65), rows) == [False, False, None]
    assert ask(leaf("seats", "in", [threshold, 2.5]), rows) == [False, False, None]


def test_neighbouring_whole_numbers_beyond_floats_stay_apart(db):
    rows = typed("seats", 2**53, 2**53 + 1)
    assert ask(leaf("seats", "equal", 2**53 + 1), rows) == [False, True]
    assert ask(leaf("seats", "greaterThan", float(2**53)), rows) == [False, True]


def test_a_whole_number_that_is_no_float_is_compared_exactly_with_floats(db):
    rows = typed("score", float(2**53), float(2**53 + 2))
    assert ask(leaf("score", "lessThan", 2**53 + 1), rows) == [True, False]
    assert ask(leaf("score", "equal", 2**53 + 1), rows) == [False, False]
    assert ask(leaf("score", "lessThan", 10**400), rows) == [True, True]


@pytest.mark.parametrize("number", [0.1, 0.1 + 0.2, -0.3, 5e-324, 1.7976931348623157e308])
def test_a_float_equals_itself(db, number):
    assert ask(leaf("score", "equal", number), typed("score", number, None)) == [True, None]
    connection.cursor().execute("DROP TABLE condition_rows")
    assert ask(leaf("score", "in", [number, 7]), typed("score", number, None)) == [True, None]


def test_a_number_that_is_none_is_unknown(db):
    rows = typed("score", float("nan"), float("inf"))
    assert answers(parse(leaf("score", "greaterThan", 5), samples.TYPES), rows) == [None, True]
    assert answers(parse(leaf("score", "isKnown"), samples.TYPES), rows) == [False, True]


def test_money_is_compared_in_units_and_exactly(db):
    rows = typed("arr", 9910, 9911, 9909, None)
    assert ask(leaf("arr", "equal", 99.1), rows) == [True, False, False, None]
    assert ask(leaf("arr", "greaterThan", 99.105), rows) == [False, True, False, None]
    assert ask(leaf("arr", "in", [99.1, 99.105, 10**400]), rows) == [True, False, False, None]


def test_nothing_is_in_an_empty_list_and_the_unknown_stays_unknown(db):
    rows = typed("stage", "adopted", None)
    assert ask(leaf("stage", "in", []), rows) == [False, None]
    assert ask(leaf("stage", "notIn", []), rows) == [True, None]


@pytest.mark.parametrize("text", ["100%", "%s", "it's", '"', "\\", "a\\'b", "Žilina", "", "1; DROP TABLE f --"])
def test_text_is_a_parameter_whatever_stands_in_it(db, text):
    raw = samples.json.dumps(text)
    rows = create([{"stage": text, "custom": f'{{"{TEXT}": {raw}, "{TEXTS}": [{raw}]}}'}, {"stage": "other"}])
    assert ask(leaf("stage", "equal", text), rows) == [True, False]
    assert ask(leaf(TEXT, "in", [text, "x"]), rows) == [True, None]
    assert ask(leaf(TEXTS, "contains", text), rows) == [True, None]


def test_capitals_and_accents_matter(db):
    assert ask(leaf("stage", "equal", "é"), typed("stage", "é", "É", "e", "e\u0301")) == [True, False, False, False]


@pytest.mark.parametrize("kind", ["stage", TEXT])
def test_a_list_may_hold_a_thousand_values(db, kind):
    values = [f"stage {number} %" for number in range(1000)]
    rows = create([{"stage": text, "custom": f'{{"{TEXT}": "{text}"}}'} for text in (values[0], values[999], "other")])
    assert ask(leaf(kind, "in", values), rows) == [True, True, False]
    assert ask(leaf("seats", "notIn", [*range(1000)]), rows) == [None, None, None]


def test_instants_with_and_without_microseconds_are_in_order(db):
    written = "2026-01-31T09:00:00Z"
    rows = typed(
        "seen_at", NOW, NOW + TICK, NOW + timedelta(microseconds=500_000), NOW + timedelta(seconds=1), NOW - TICK
    )
    assert ask(leaf("seen_at", "greaterThan", written), rows) == [False, True, True, True, False]
    assert ask(leaf("seen_at", "equal", written), rows) == [True, False, False, False, False]
    half = "2026-01-31T09:00:00.500000Z"
    assert ask(leaf("seen_at", "lessThan", half), rows) == [True, True, False, False, True]


def test_windows_reach_beyond_the_calendar(db):
    first, last = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)
    rows = create([{"seen_at": at, "renewal_date": at.date()} for at in (first, last)] + [{}])
    for fact, moment, operator, expected in (
        ("seen_at", Moment(first, first.date()), "withinLast", [True, False, None]),
        ("renewal_date", Moment(first, first.date()), "moreThanAgo", [False, False, None]),
        ("seen_at", Moment(last, last.date()), "moreThanAhead", [False, False, None]),
        ("renewal_date", Moment(last - DAY, (last - DAY).date()), "withinNext", [False, True, None]),
    ):
        assert ask(leaf(fact, operator, {"days": 36500}), rows, moment=moment) == expected


class TestJson:
    """Whatever stands in the JSON column."""

    def test_only_a_number_is_a_number(self, db):
        raw = ["5", "5.0", '"5"', "true", "null", "[5]", "[]", "{}", "1e400", "-1e400", "9" * 300, "1000000000000001"]
        rows = in_json(NUMBER, *raw)
        assert ask(leaf(NUMBER, "equal", 5), rows) == [True, True, *[None] * 10]
        assert ask(leaf(NUMBER, "isKnown"), rows) == [True, True, *[False] * 10]
        assert ask(leaf(NUMBER, "greaterThan", -1e200), rows) == [True, True, *[None] * 10]
        assert ask(leaf(NUMBER, "in", [1, 5, 10**400]), rows) == [True, True, *[None] * 10]

    def test_a_missing_key_and_a_missing_column_are_unknown(self, db):
        rows = create([{"custom": raw} for raw in (None, "null", "{}", "[]", '"text"', "5")])
        for key in samples.CUSTOM:
            assert ask(leaf(key, "isUnknown"), rows) == [True] * 6
        assert ask(leaf(NUMBER, "notEqual", 5), rows) == [None] * 6

    def test_only_true_and_false_are_truths(self, db):
        rows = in_json(BOOLEAN, "true", "false", "1", "0", '"true"', "null", "[true]")
        assert ask(leaf(BOOLEAN, "equal", True), rows) == [True, False, *[None] * 5]
        assert ask(leaf(BOOLEAN, "notEqual", True), rows) == [False, True, *[None] * 5]
        assert ask(leaf(BOOLEAN, "isKnown"), rows) == [True, True, *[False] * 5]

    def test_only_text_is_text(self, db):
        rows = in_json(TEXT, '"5"', "5", "true", "null", '["5"]', '{"5": "5"}')
        assert ask(leaf(TEXT, "equal", "5"), rows) == [True, *[None] * 5]

    def test_elements_of_other_types_differ(self, db):
        rows = in_json(NUMBERS, '[1, "5", true, null, [5], {"a": 5}]', "[5.0]", "[]", "5", "null", '["5"]')
        assert ask(leaf(NUMBERS, "contains", 5), rows) == [False, True, False, None, None, False]
        assert ask(leaf(NUMBERS, "doesNotContain", 10**400), rows) == [True, True, True, None, None, True]
        connection.cursor().execute("DROP TABLE condition_rows")
        rows = in_json(TEXTS, '["vip", 5]', '["5"]', '[["vip"]]', '"vip"', "{}", '{"vip": 1}')
        assert ask(leaf(TEXTS, "contains", "vip"), rows) == [True, False, False, None, None, None]

    def test_a_time_is_a_whole_number_inside_the_calendar(self, db):
        rows = in_json(INSTANT, "0", "0.5", "-62135596800000001", "253402300800000000", '"0"', "true", "null", "0.0")
        known = [True, False, False, False, False, False, False, True]
        assert ask(leaf(INSTANT, "isKnown"), rows) == known
        assert ask(leaf(INSTANT, "equal", "1970-01-01T00:00:00Z"), rows) == [yes or None for yes in known]
        connection.cursor().execute("DROP TABLE condition_rows")
        rows = in_json(DATE, "0", "0.5", "-719163", "2932897", '"0"', "1e400")
        assert ask(leaf(DATE, "moreThanAgo", {"days": 1}), rows) == [True, *[None] * 5]

    def test_a_percent_sign_in_the_column_is_no_placeholder(self, db):
        rows = typed("seats", 5)
        columns = {"seats": Column('f."seats" * (7 % 2)', Storage.INTEGER)}
        assert ask(leaf("seats", "equal", 5), rows, columns=columns) == [True]

    def test_a_key_is_never_sql(self):
        with pytest.raises(ValueError, match="cannot be a key"):
            Column('f."custom"', Storage.JSON, "x' OR 1=1 --")


def deep(leaves, levels):
    """All leaves below this many groups, every other one a negation."""
    node = All(tuple(leaves))
    for level in range(levels - 1):
        node = Not(node) if level % 2 else Any_((node, Not(leaves[level])))
    return node


def test_ten_levels_two_hundred_leaves_and_negations(db):
    rows = create(samples.rows(samples.random.Random(3), 20))
    windows = [Leaf("seen_at", "withinLast", Window(days + 1), FactType.INSTANT) for days in range(95)]
    jsons = [Leaf(INSTANT, "withinNext", Window(days + 1), FactType.INSTANT) for days in range(95)]
    conditions = [deep(windows + jsons, 10), deep([Any_((Not(one), All((one,)))) for one in windows + jsons[:5]], 8)]
    for condition in conditions:
        expected = [compile_closure(condition)(row.facts, MOMENT) for row in rows]
        assert answers(condition, rows) == expected


def test_two_hundred_durations(db):
    rows = create(samples.rows(samples.random.Random(4), 20))
    held = [Held(Leaf("seats", "lessThan", number, FactType.INTEGER), 14) for number in range(200)]
    condition = All(tuple(held))
    columns = samples.COLUMNS | samples.hold_columns(condition)
    facts = [samples.with_holds(row.facts, row.since, condition) for row in rows]
    assert answers(condition, rows, columns) == [compile_closure(condition)(one, MOMENT) for one in facts]
    instant = wake_sql(boundaries(condition), columns, dialect())[0].at(MOMENT)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {instant.text} IS NULL FROM condition_rows f ORDER BY id", instant.params)
        given = [truth(none) for (none,) in cursor.fetchall()]
    assert given == [next_change(condition, one, MOMENT)[0] is None for one in facts]


def test_what_is_not_known_to_have_held_is_false(db):
    held = Held(Leaf("seats", "lessThan", 5, FactType.INTEGER), 14)
    long_ago, lately = NOW - 14 * DAY, NOW - 14 * DAY + TICK
    rows = create(
        [{"seats": seats, "held_since": since} for seats in (3, 7, None) for since in (long_ago, lately, None)]
    )
    columns = samples.COLUMNS | {hold_key(held.node): samples.HELD_SINCE[0]}
    assert answers(held, rows, columns) == [True, False, False, False, False, False, None, False, False]


def test_the_next_boundary_is_exact_to_the_microsecond(db):
    at = datetime(2026, 1, 20, 9, 0, 0, 1, UTC)
    rows = create([{"seen_at": at}, {"custom": f'{{"{INSTANT}": {samples.instant_number(at)}}}'}])
    for fact, row in (("seen_at", rows[0]), (INSTANT, rows[1])):
        condition = Leaf(fact, "moreThanAgo", Window(30.000000123), FactType.INSTANT)
        instant, none = [sql.at(MOMENT) for sql in wake_sql(boundaries(condition), samples.COLUMNS, dialect())]
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {instant.text}, {none.text} FROM condition_rows f WHERE id = {row.id}", instant.params
            )
            given, no_date = cursor.fetchone()
        expected = at + timedelta(days=30.000000123)
        assert given == (expected if dialect() is Dialect.POSTGRESQL else str(expected.replace(tzinfo=None)))
        assert no_date is None


@pytest.mark.parametrize(
    ("condition", "columns", "words"),
    [
        (Leaf("seats", "equal", 5, FactType.UNTYPED), samples.COLUMNS, "has no type"),
        (Leaf("seats", "equal", 5, FactType.INTEGER), {}, "has no column"),
        (Leaf("seats", "equal", "5", FactType.TEXT), samples.COLUMNS, "cannot be kept as INTEGER"),
        (Held(Leaf("seats", "equal", 5, FactType.INTEGER), 7), samples.COLUMNS, "has no column"),
    ],
)
def test_refuses_what_cannot_be_compared(condition, columns, words):
    for each in Dialect:
        with pytest.raises(ValueError, match=words):
            compile_sql(condition, columns, each)


def test_typed_columns_are_compared_bare():
    """So that a database can do with it what it can do with SQL written by hand."""
    source = {
        "all": [leaf("seats", "lessThan", 5), leaf("stage", "equal", "adopted"), {"not": leaf("trial", "equal", True)}]
    }
    for each in Dialect:
        compiled = compile_sql(parse(source, samples.TYPES), samples.COLUMNS, each)
        assert compiled.text == 'f."stage" = %s AND f."seats" < %s AND NOT f."trial"'
        assert compiled.params == ("adopted", 5)
