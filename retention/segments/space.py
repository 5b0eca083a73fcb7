"""The value space of what some conditions read: for each fact, values that stand for all that there are.

Conditions see a fact through their comparisons alone. Values between which no comparison tells are one class; going
through one of each class is going through all.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from django.db import models

from accounts.facts.catalogue import Fact, Type, facts
from accounts.facts.lookup import find
from accounts.facts.models import AccountFacts
from accounts.portfolio.models import Account
from retention.conditions.comparing import Moment, comparison
from retention.conditions.language import Condition, Family, Leaf, Window, hold_key, holds, leaves
from retention.evaluation.standings import LONG_AGO

OTHER = "something else"
"""Stands for any text that no condition names."""
LONGEST = 6
"""Elements of a list that are tried in all combinations."""
DAY, MINUTE = dt.timedelta(days=1), dt.timedelta(minutes=1)
Closed = Mapping[str, Sequence[str]]
"""Fact → all values it can have, where these are known."""


@dataclass(frozen=True)
class Axis:
    """One fact with a value of each class, known ones first."""

    fact: str
    values: tuple[Any, ...]
    is_exact: bool = True


def axes(conditions: Iterable[Condition], moment: Moment, *, closed: Closed) -> list[Axis]:
    """What the conditions read, each with the values that they tell apart."""
    conditions = list(conditions)
    by_fact: dict[str, list[Leaf]] = {}
    for condition in conditions:
        for leaf in leaves(condition):
            by_fact.setdefault(leaf.fact, []).append(leaf)
    found = [_axis(fact, some, moment, closed) for fact, some in by_fact.items()]
    keys = {hold_key(held.node) for condition in conditions for held in holds(condition)}
    return found + [Axis(key, (LONG_AGO, moment.as_of, None)) for key in sorted(keys)]


def _axis(key: str, asked: Sequence[Leaf], moment: Moment, closed: Closed) -> Axis:
    fact = find(key)
    assert fact is not None, "conditions were checked against the catalogue"
    ask = [comparison(leaf) for leaf in asked]
    classes: dict[tuple[Any, ...], Any] = {}
    for value in _candidates(fact, asked, moment, closed):
        classes.setdefault(tuple(one(value, moment) for one in ask), value)
    classes.setdefault(tuple(one(None, moment) for one in ask), None)
    too_long = fact.type in (Type.TEXT_LIST, Type.NUMBER_LIST) and len(_named(asked)) > LONGEST
    return Axis(key, tuple(classes.values()), is_exact=not too_long)


def _named(asked: Sequence[Leaf]) -> list[Any]:
    """The values that comparisons name, each once; windows left out."""
    found: dict[Any, None] = {}
    for leaf in asked:
        if leaf.family not in (Family.KNOWLEDGE, Family.WINDOW):
            operand = leaf.operand
            found |= dict.fromkeys(operand if isinstance(operand, tuple) else (operand,))
    return list(found)


def _candidates(fact: Fact, asked: Sequence[Leaf], moment: Moment, closed: Closed) -> list[Any]:
    named = _named(asked)
    if fact.type is Type.BOOLEAN:
        return [True, False]
    if fact.type is Type.TEXT:
        return list(closed.get(fact.key, [*named, OTHER]))
    if fact.type in (Type.TEXT_LIST, Type.NUMBER_LIST):
        return _lists(named[:LONGEST])
    if fact.type in (Type.INSTANT, Type.DATE):
        return _times(fact, named, asked, moment)
    return _numbers(fact, [value for value in named if isinstance(value, (int, float))])


def _lists(named: Sequence[Any]) -> list[list[Any]]:
    return [list(some) for count in range(len(named) + 1) for some in combinations(named, count)]


def _times(fact: Fact, named: Sequence[Any], asked: Sequence[Leaf], moment: Moment) -> list[Any]:
    is_date = fact.type is Type.DATE
    here, step = (moment.today, DAY) if is_date else (moment.as_of, MINUTE)
    critical = {here, *(value for value in named if isinstance(value, dt.date))}
    for leaf in asked:
        if isinstance(leaf.value, Window):
            span = dt.timedelta(days=leaf.value.days)
            critical |= {here - span, here + span}
    return [value for one in sorted(critical) for value in (one, one - step, one + step)]


def _numbers(fact: Fact, named: Sequence[float]) -> list[float]:
    """The thresholds, and values around them. What is counted has no halves, and is not below zero."""
    values = sorted({*named, 0} if named else {1})
    if _is_whole(fact):
        around = [near for value in values for near in (value - 1, value, value + 1)]
    else:
        between = [(low + high) / 2 for low, high in zip(values, values[1:], strict=False)]
        around = [*values, *between, values[0] - 1, values[-1] + 1]
    if fact.key in facts and "_change" not in fact.key and all(value >= 0 for value in named):
        around = [value for value in around if value >= 0]
    return sorted(set(around), key=lambda value: (value not in named, value < 0, value))


def _is_whole(fact: Fact) -> bool:
    if fact.is_json or fact.type is not Type.NUMBER:
        return False
    return isinstance(AccountFacts._meta.get_field(fact.column), models.IntegerField)


def choices() -> dict[str, list[str]]:
    """The facts of which the profile allows certain values only."""
    found = {}
    for key in facts:
        field = next((one for one in Account._meta.fields if one.name == key), None)
        if field is not None and field.choices:
            found[key] = [str(value) for value, _ in field.choices if value]
    return found
