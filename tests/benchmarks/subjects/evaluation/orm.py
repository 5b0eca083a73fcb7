"""The same conditions as Django queries, one each, where the ORM can say them rightly.

Negation stands at the comparisons: `~Q` over JSON and over groups answers differently from the language.
"""

import datetime as dt
import math
from typing import Any

from django.db import connection
from django.db.models import Q

from tests.benchmarks.book import AT, CUSTOM, EPOCH, TODAY
from tests.benchmarks.subjects.evaluation.conditions import Node

LOOKUPS = {"lessThan": "lt", "lessThanInclusive": "lte", "greaterThan": "gt", "greaterThanInclusive": "gte"}
OPPOSITE = {
    "equal": "notEqual",
    "in": "notIn",
    "contains": "doesNotContain",
    "lessThan": "greaterThanInclusive",
    "greaterThan": "lessThanInclusive",
    "isKnown": "isUnknown",
}
OPPOSITE |= {other: one for one, other in OPPOSITE.items()}
LARGEST = 10**18


class Inexpressible(ValueError):
    """No Q object says exactly this on this database."""


def query(node: Node, *, negated: bool = False) -> Q:
    """Q that is true where the condition (or its opposite) is. Raises Inexpressible."""
    if "not" in node:
        return query(node["not"], negated=not negated)
    for group in ("all", "any"):
        if group in node:
            found = [query(child, negated=negated) for child in node[group]]
            joint = Q.AND if (group == "all") is not negated else Q.OR
            whole = Q(_connector=joint)
            for part in found:
                whole.add(part, joint)
            return whole
    return _leaf(node["fact"], node["operator"], node.get("value"), negated)


def _leaf(fact: str, operator: str, value: Any, negated: bool) -> Q:
    if isinstance(value, dict):
        return _window(fact, operator, value["days"], negated)
    operator = OPPOSITE[operator] if negated else operator
    if operator in LOOKUPS:
        return _ordered(fact, LOOKUPS[operator], value)
    return _custom(fact, operator, value) if fact in CUSTOM else _typed(fact, operator, value)


def _typed(fact: str, operator: str, value: Any) -> Q:
    if operator in ("isKnown", "isUnknown"):
        return Q(**{f"{_name(fact)}__isnull": operator == "isUnknown"})
    lookup = "in" if operator in ("in", "notIn") else "exact"
    asked = Q(**{f"{_name(fact)}__{lookup}": value})
    return ~asked & Q(**{f"{_name(fact)}__isnull": False}) if operator.startswith("not") else asked


def _custom(fact: str, operator: str, value: Any) -> Q:
    """What is malformed differs from everything to the ORM, and is unknown to the language."""
    name = f"custom__{fact}"
    if CUSTOM[fact] == "boolean" and operator in ("equal", "notEqual"):
        return Q(**{name: value is (operator == "equal")})
    if operator == "equal":
        return Q(**{name: value})
    if operator == "in":
        return Q(**{f"{name}__in": value})
    if operator == "contains" and connection.vendor == "postgresql":
        return Q(**{f"{name}__contains": [value]})
    raise Inexpressible(operator)


def _ordered(fact: str, lookup: str, value: Any) -> Q:
    """Text and null sort below numbers in jsonb, text above them in SQLite, so a bound needs one on the other side."""
    asked = Q(**{f"{_name(fact)}__{lookup}": _stored(fact, value)})
    if fact not in CUSTOM:
        return asked
    other = ("gte", -LARGEST) if lookup.startswith("lt") else ("lte", LARGEST)
    return asked & Q(**{f"{_name(fact)}__{other[0]}": other[1]})


def _window(fact: str, operator: str, days: int, negated: bool) -> Q:
    now: Any = TODAY if fact == "contract_end_date" or CUSTOM.get(fact) == "date" else AT
    span = dt.timedelta(days=days)
    bounds = {
        "withinLast": [("gt", now - span), ("lte", now)],
        "withinNext": [("gt", now), ("lte", now + span)],
        "moreThanAgo": [("lte", now - span)],
        "moreThanAhead": [("gt", now + span)],
    }[operator]
    if negated:
        return _joined(Q.OR, [_ordered(fact, "gt" if lookup == "lte" else "lte", bound) for lookup, bound in bounds])
    return _joined(Q.AND, [_ordered(fact, lookup, bound) for lookup, bound in bounds])


def _joined(joint: str, parts: list[Q]) -> Q:
    whole = parts[0]
    for part in parts[1:]:
        whole = whole | part if joint == Q.OR else whole & part
    return whole


def _name(fact: str) -> str:
    return f"custom__{fact}" if fact in CUSTOM else {"arr": "arr_minor"}.get(fact, fact)


def _stored(fact: str, value: Any) -> Any:
    if fact == "arr":
        return math.floor(value * 100)
    if CUSTOM.get(fact) == "date":
        day = dt.date.fromisoformat(value) if isinstance(value, str) else value
        return (day - EPOCH.date()).days
    if CUSTOM.get(fact) == "instant":
        return (value - EPOCH) // dt.timedelta(microseconds=1)
    return value
