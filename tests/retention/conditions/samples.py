"""Random rows of facts, typed and in JSON, and random conditions that meet them: the same for the same seed."""

import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from accounts.facts import custom as stored_facts
from accounts.facts.catalogue import Type
from retention.conditions.comparing import Moment
from retention.conditions.language import (
    OPERATORS,
    All,
    Any_,
    Condition,
    FactType,
    Family,
    Held,
    Leaf,
    Not,
    Window,
    hold_key,
    holds,
    operators_for,
)
from retention.conditions.sql import Column, Storage
from retention.conditions.sql.ranges import date_number, instant_number

from .catalogue import NOW

DIGITS = 2
TICK, DAY = timedelta(microseconds=1), timedelta(days=1)

# Fact → its type and its column in the table of the tests; custom facts stand in the column `custom`, by their key.
TYPED: dict[str, tuple[FactType, Storage]] = {
    "seats": (FactType.INTEGER, Storage.INTEGER),
    "score": (FactType.NUMBER, Storage.FLOAT),
    "usage_change": (FactType.RATIO, Storage.FLOAT),
    "arr": (FactType.MONEY, Storage.MINOR),
    "stage": (FactType.TEXT, Storage.TEXT),
    "trial": (FactType.BOOLEAN, Storage.BOOLEAN),
    "seen_at": (FactType.INSTANT, Storage.INSTANT),
    "renewal_date": (FactType.DATE, Storage.DATE),
}
CUSTOM: dict[str, FactType] = {
    f"custom:{fact_type.value}-1": fact_type for fact_type in FactType if fact_type is not FactType.UNTYPED
}
TYPES = {key: fact_type for key, (fact_type, _) in TYPED.items()} | CUSTOM
COLUMNS = {key: Column(f'f."{key}"', storage, digits=DIGITS) for key, (_, storage) in TYPED.items()} | {
    key: Column('f."custom"', Storage.JSON, key) for key in CUSTOM
}
HELD_SINCE = [Column('f."held_since"', Storage.INSTANT), Column('f."custom"', Storage.JSON, "since")]

NUMBERS: list[int | float] = [
    -1, 0, 1, 2, 5, 2.5, -0.3, 0.1, 0.3, 0.1 + 0.2, 99.1, 99.11, 50000, -0.0, 1e-9, 5e-324, 1e15, 1e15 - 1, 2**53,
    1e300,
]  # fmt: skip
INTEGERS = [-1, 0, 1, 2, 3, 5, 10**15, 2**53, 2**53 + 1, 2**63 - 1, -(2**63)]
EXTREME_THRESHOLDS = [2**63, -(2**63) - 1, 10**400, -(10**400), 2**53 + 1, 1e19, -1e300, 99.105, 99.1000001]
TEXTS = ["", "adopted", "Adopted", "Žilina", "100%", "it's", '"quoted"', "%s", "a\\b", "5", "true", "null"]
INSTANTS = [
    NOW, NOW - TICK, NOW + TICK, NOW - DAY, NOW - DAY + TICK, NOW + DAY, NOW + 30 * DAY, NOW - 30 * DAY, NOW - 14 * DAY,
    datetime(2026, 1, 31, 9, 0, 0, 500_000, UTC), datetime(1, 1, 1, tzinfo=UTC), datetime(100, 12, 31, 23, tzinfo=UTC),
    datetime(101, 1, 1, tzinfo=UTC), datetime(1950, 6, 1, 12, 0, 0, 250_000, UTC), datetime(8999, 12, 31, tzinfo=UTC),
    datetime(9000, 1, 1, tzinfo=UTC), datetime(9040, 1, 1, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, 999_999, UTC),
]  # fmt: skip
TODAY = NOW.date()
DATES = [TODAY + days * DAY for days in (-30, -7, -1, 0, 1, 7, 30)] + [instant.date() for instant in INSTANTS[10:]]
MALFORMED = [
    "null", "true", "false", '"5"', '"x"', '""', "[]", "[1]", "{}", '{"a": 1}', "1e400", "-1e400", "9" * 300, "0.5",
    "1.5e15", "5.0", "-0.5", "1e20", "-62135596800000001", "253402300800000000", "2932897", "-719163", "[null]",
]  # fmt: skip
MIXED_LISTS = ['[1, "1", true, null, 1.0, [1], {"a": 1}]', '["vip", 5, ["x"]]', '[5.0, 2.5, 1e400, "%s"]', "[true]"]
DAYS = [0.5, 1, 7, 14, 30, 1 / 3, 0.123456789, 36500]
MOMENTS = [Moment(NOW, TODAY)] * 6 + [
    Moment(NOW + 123_457 * TICK, TODAY + DAY),
    Moment(datetime(1950, 6, 1, tzinfo=UTC), date(1950, 6, 1)),
    Moment(datetime(1, 1, 2, tzinfo=UTC), date(1, 1, 1)),
    Moment(datetime(9050, 1, 1, tzinfo=UTC), date(9050, 1, 1)),
    Moment(datetime(9999, 12, 30, tzinfo=UTC), date(9999, 12, 31)),
]
_POOLS: dict[FactType, list[Any]] = {
    FactType.INTEGER: INTEGERS,
    FactType.NUMBER: NUMBERS,
    FactType.RATIO: NUMBERS,
    FactType.MONEY: NUMBERS,
    FactType.TEXT: TEXTS,
    FactType.BOOLEAN: [True, False],
    FactType.INSTANT: INSTANTS,
    FactType.DATE: DATES,
    FactType.TEXT_LIST: ["vip", "5", "%s", ""],
    FactType.NUMBER_LIST: [1, 2.5, 5, 1e300],
}


def rows(chance: random.Random, count: int) -> list[dict[str, Any]]:
    """Values for the columns of the table; `custom` is JSON text."""
    return [_row(chance) for _ in range(count)]


def _row(chance: random.Random) -> dict[str, Any]:
    typed: dict[str, Callable[[], Any]] = {
        "seats": lambda: chance.choice(INTEGERS),
        "score": lambda: chance.choice([*NUMBERS, float("nan"), float("inf"), -float("inf"), 1.7976931348623157e308]),
        "usage_change": lambda: chance.choice([-0.3, 0.1, 0.3, 0.1 + 0.2, chance.random(), float("nan")]),
        "arr": lambda: chance.choice([9910, 9911, 0, 5_000_000, -30, 10**14, 10, 250, chance.randrange(10**6)]),
        "stage": lambda: chance.choice(TEXTS),
        "trial": lambda: chance.random() < 0.5,
        "seen_at": lambda: _instant(chance),
        "renewal_date": lambda: _date(chance),
        "held_since": lambda: _instant(chance),
    }
    row = {name: None if chance.random() < 0.2 else value() for name, value in typed.items()}
    number = row["score"]
    row["score"] = float(number) if number is not None else None
    return row | {"custom": _custom(chance)}


def _instant(chance: random.Random) -> datetime:
    spread = timedelta(seconds=chance.randint(-40 * 86400, 40 * 86400), microseconds=chance.choice([0, 0, 250_000, 1]))
    return chance.choice(INSTANTS) if chance.random() < 0.5 else NOW + spread


def _date(chance: random.Random) -> date:
    return chance.choice(DATES) if chance.random() < 0.5 else TODAY + chance.randint(-40, 40) * DAY


def _custom(chance: random.Random) -> str | None:
    """The JSON column: now and then nothing, or no object; else a value of every type, some malformed or missing."""
    if chance.random() < 0.06:
        return chance.choice([None, "null", "[]", "{}", "5", '"text"', "[1, 2]"])
    written = []
    for key, fact_type in [*CUSTOM.items(), ("since", FactType.INSTANT)]:
        if chance.random() > 0.15:
            raw = chance.choice(MALFORMED) if chance.random() < 0.25 else _raw(chance, fact_type)
            written.append(f"{json.dumps(key)}: {raw}")
    return "{" + ", ".join(written) + "}"


def _raw(chance: random.Random, fact_type: FactType) -> str:
    if fact_type is FactType.INSTANT:
        return str(instant_number(_instant(chance)))
    if fact_type is FactType.DATE:
        return str(date_number(_date(chance)))
    pool = _POOLS[fact_type]
    if fact_type in (FactType.TEXT_LIST, FactType.NUMBER_LIST):
        return chance.choice([json.dumps(chance.choices(pool, k=chance.randint(0, 3))), *MIXED_LISTS])
    if fact_type is FactType.INTEGER:
        pool = [number for number in pool if abs(number) <= 2**53]
    return json.dumps(chance.choice(pool))


def read_custom(value: object, fact_type: FactType) -> Any:
    """The value of a custom fact as the catalogue reads it; it knows one type for numbers, whole or not."""
    return stored_facts.read(value, Type("number" if fact_type is FactType.INTEGER else fact_type.value))


def facts_of(row: dict[str, Any], custom: object) -> dict[str, Any]:
    """The facts of a row as memory sees them; `custom` is the JSON read back from the database."""
    facts = {key: row[key] for key in TYPED}
    facts["arr"] = None if row["arr"] is None else Decimal(row["arr"]).scaleb(-DIGITS)
    stored = custom if isinstance(custom, dict) else {}
    for key, fact_type in CUSTOM.items():
        facts[key] = read_custom(stored.get(key), fact_type)
    return facts


def held_since(row: dict[str, Any], custom: object) -> list[Any]:
    """Since when something has held, as each of the two columns for it says."""
    stored = custom if isinstance(custom, dict) else {}
    return [row["held_since"], read_custom(stored.get("since"), FactType.INSTANT)]


def place_of_hold(key: str) -> int:
    """Which of the two columns carries this hold."""
    return int(key[-1], 16) % 2


def hold_columns(condition: Condition) -> dict[str, Column]:
    return {key: HELD_SINCE[place_of_hold(key)] for key in _hold_keys(condition)}


def with_holds(facts: dict[str, Any], since: list[Any], condition: Condition) -> dict[str, Any]:
    return facts | {key: since[place_of_hold(key)] for key in _hold_keys(condition)}


def _hold_keys(condition: Condition) -> Iterator[str]:
    return (hold_key(held.node) for held in holds(condition))


def condition(chance: random.Random, *, only_time: bool = False) -> Condition:
    """A condition of some leaves, sometimes nested to depth 10."""
    return _node(chance, chance.choice([0, 1, 2, 3, 10]), only_time)


def _node(chance: random.Random, depth: int, only_time: bool) -> Condition:
    if depth == 0 or chance.random() < 0.1:
        leaf = _leaf(chance, only_time)
        return Held(leaf, chance.choice([1, 14, 36500])) if chance.random() < 0.1 else leaf
    if chance.random() < 0.3:
        return Not(_node(chance, depth - 1, only_time))
    if chance.random() < 0.05:
        return Held(_node(chance, depth - 1, only_time), 14)
    # Deep ones stay narrow: a condition may have no more than two hundred leaves.
    nodes = tuple(_node(chance, depth - 1, only_time) for _ in range(chance.randint(1, 2 if depth > 3 else 3)))
    return chance.choice([All, Any_])(nodes)


def _leaf(chance: random.Random, only_time: bool) -> Leaf:
    temporal = [key for key, fact_type in TYPES.items() if fact_type in (FactType.INSTANT, FactType.DATE)]
    fact = chance.choice(temporal if only_time else list(TYPES))
    fact_type = TYPES[fact]
    names = [name for name in operators_for(fact_type) if not only_time or OPERATORS[name].family is Family.WINDOW]
    operator = OPERATORS[chance.choice(names)]
    return Leaf(fact, operator.name, _value(chance, operator.family, operator.name, fact_type), fact_type)


def _value(chance: random.Random, family: Family, operator: str, fact_type: FactType) -> Any:
    if family is Family.KNOWLEDGE:
        return None
    if family is Family.WINDOW:
        days = [number for number in DAYS if fact_type is FactType.INSTANT or number == int(number)]
        return Window(chance.choice([*days, 0] if operator.startswith("moreThan") else days))
    if family is Family.MEMBERSHIP:
        return tuple(_scalar(chance, fact_type) for _ in range(chance.choice([0, 1, 3, 40])))
    return _scalar(chance, fact_type)


def _scalar(chance: random.Random, fact_type: FactType) -> Any:
    pool = _POOLS[fact_type]
    numeric = fact_type in (FactType.INTEGER, FactType.NUMBER, FactType.MONEY, FactType.RATIO)
    if numeric:
        pool = [*pool, *NUMBERS] if chance.random() < 0.8 else EXTREME_THRESHOLDS
    value = chance.choice(pool)
    return value.isoformat() if isinstance(value, date) else value
