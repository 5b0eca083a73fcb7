"""One leaf against one observed value: the comparison each operator means, three-valued.

Every comparison first asks whether the observed value is of the kind the leaf compares with. If it is not (unknown, or
of another type) the answer is unknown, never false: the database reading of a condition guards its values alike.
"""

import operator
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from accounts.foundation.truth import Truth

from .language import FactType, Family, Leaf, Window
from .values import ORDERED, SCALARS, kind_of, read_temporal


@dataclass(frozen=True)
class Moment:
    """When a condition is asked: the instant, in UTC, and the date that is then today in the workspace's zone."""

    as_of: datetime
    today: date

    def __post_init__(self) -> None:
        if self.as_of.utcoffset() != timedelta(0):
            raise ValueError("as_of must be an aware datetime in UTC")


Comparison = Callable[[object, Moment], Truth]


def comparison(leaf: Leaf) -> Comparison:
    """What answers this leaf for an observed value at a moment."""
    return _BUILDERS[leaf.family](leaf)


def _equality(leaf: Leaf) -> Comparison:
    operand, wanted = leaf.operand, leaf.operator == "equal"
    kind = kind_of(operand)

    def compare(observed: object, moment: Moment) -> Truth:
        return (observed == operand) is wanted if kind_of(observed) is kind else None

    return compare


def _membership(leaf: Leaf) -> Comparison:
    """Elements stand beside their kind, so that 1 is neither true nor "1"; they differ, and nothing is unknown."""
    members = frozenset((kind_of(item), item) for item in _items(leaf))
    kinds = SCALARS if leaf.type is FactType.UNTYPED else {leaf.type.kind}
    wanted = leaf.operator == "in"

    def compare(observed: object, moment: Moment) -> Truth:
        kind = kind_of(observed)
        return ((kind, observed) in members) is wanted if kind in kinds else None

    return compare


def _items(leaf: Leaf) -> tuple[object, ...]:
    operand = leaf.operand
    return operand if isinstance(operand, tuple) else ()


def _containment(leaf: Leaf) -> Comparison:
    operand, wanted = leaf.operand, leaf.operator == "contains"
    kind = kind_of(operand)

    def compare(observed: object, moment: Moment) -> Truth:
        if not isinstance(observed, (list, tuple, set, frozenset)):
            return None
        return any(item == operand and kind_of(item) is kind for item in observed) is wanted

    return compare


_ORDERINGS: dict[str, Callable[[Any, Any], bool]] = {
    "lessThan": operator.lt,
    "lessThanInclusive": operator.le,
    "greaterThan": operator.gt,
    "greaterThanInclusive": operator.ge,
}


def _ordering(leaf: Leaf) -> Comparison:
    operand, ordered = leaf.operand, _ORDERINGS[leaf.operator]
    kind = kind_of(operand)
    if kind not in ORDERED:
        return _unknown

    def compare(observed: object, moment: Moment) -> Truth:
        return ordered(observed, operand) if kind_of(observed) is kind else None

    return _reading_text(leaf, compare)


def _unknown(observed: object, moment: Moment) -> Truth:
    """The answer where the operand itself has no order."""
    return None


def _reading_text(leaf: Leaf, compare: Comparison) -> Comparison:
    """The comparison, for untyped facts after reading text as the date or instant it says."""
    if leaf.type is not FactType.UNTYPED:
        return compare
    return lambda observed, moment: compare(read_temporal(observed), moment)


def _knowledge(leaf: Leaf) -> Comparison:
    """Whether there is a value at all; NaN is none, and the one value that differs from itself."""
    wanted = leaf.operator == "isKnown"
    return lambda observed, moment: (observed is not None and observed == observed) is wanted


# Each window by the age of the value (negative in the future) and the window's span. Ages never overflow the
# calendar, which as_of minus a long span could.
_NOW = timedelta(0)
_WINDOWS: dict[str, Callable[[timedelta, timedelta], bool]] = {
    "withinLast": lambda age, span: _NOW <= age < span,
    "withinNext": lambda age, span: -span <= age < _NOW,
    "moreThanAgo": lambda age, span: age >= span,
    "moreThanAhead": lambda age, span: age < -span,
}


def _window(leaf: Leaf) -> Comparison:
    holds, kind = _WINDOWS[leaf.operator], leaf.type.kind
    span = timedelta(days=leaf.value.days) if isinstance(leaf.value, Window) else _NOW

    def compare(observed: object, moment: Moment) -> Truth:
        if kind and kind_of(observed) is not kind:
            return None
        age = _age(observed, moment)
        return holds(age, span) if age is not None else None

    return _reading_text(leaf, compare)


def has_held(since: object, days: int, moment: Moment) -> bool:
    """Whether what is known to be true since an instant (None: not known to be) has been so for `days` days."""
    return isinstance(since, datetime) and moment.as_of - since >= timedelta(days=days)


def _age(value: object, moment: Moment) -> timedelta | None:
    if isinstance(value, datetime):
        return moment.as_of - value
    return moment.today - value if isinstance(value, date) else None


_BUILDERS: dict[Family, Callable[[Leaf], Comparison]] = {
    Family.EQUALITY: _equality,
    Family.MEMBERSHIP: _membership,
    Family.CONTAINMENT: _containment,
    Family.ORDERING: _ordering,
    Family.KNOWLEDGE: _knowledge,
    Family.WINDOW: _window,
}
