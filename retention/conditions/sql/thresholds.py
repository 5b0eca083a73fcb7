"""Thresholds that a column cannot hold, rewritten to ones it can.

A column of whole numbers holds no 2.5 and none its type is too small for, but "below 2.5" is "at most 2" there, and
"equal 2.5" is settled for every known value. Comparing with the number as it was written would either miss the index
or be wrong: databases turn both sides into floats, where neighbouring whole numbers become the same.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from .ranges import LARGEST_NUMBER

FLIPPED = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "=": "<>", "<>": "="}
_BELOW = {"<": "<=", "<=": "<=", ">": ">", ">=": ">"}
_ABOVE = {"<": "<", "<=": "<", ">": ">=", ">=": ">="}
_LARGEST_INTEGER = 2**63 - 1


@dataclass(frozen=True)
class Grid:
    """The values a column can hold: `nearest` finds one beside a threshold, none lies outside low … high."""

    scaled: Callable[[Any], Any]
    nearest: Callable[[Any], Any]
    low: Any
    high: Any

    def settle(self, operator: str, value: Any) -> tuple[str, Any] | bool:
        """`x <operator> value` as a comparison with a value the column can hold, or its truth for every known x."""
        exact = self.scaled(value)
        near = self.nearest(exact)
        if not self.low <= near <= self.high:
            return beyond(operator, is_above=near > self.high)
        if near == exact:
            return operator, near
        if operator in ("=", "<>"):
            return operator == "<>"
        return (_BELOW if near < exact else _ABOVE)[operator], near


def beyond(operator: str, *, is_above: bool) -> bool:
    """The truth of `x <operator> value` where the value lies above, or below, all there can be."""
    return operator in (("<", "<=", "<>") if is_above else (">", ">=", "<>"))


def _same(value: Any) -> Any:
    return value


def nearest_float(value: float) -> float:
    """The float nearest to a number; infinite for a whole number too large for any."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _minor(value: float, digits: int) -> Any:
    """An amount in minor units, exactly: 99.1 is 9910 cents, although the float is a little more than 99.1."""
    return value * 10**digits if isinstance(value, int) else Decimal(repr(value)) * 10**digits


INTEGERS = Grid(_same, math.floor, -_LARGEST_INTEGER - 1, _LARGEST_INTEGER)
FLOATS = Grid(_same, nearest_float, -math.inf, math.inf)
JSON_NUMBERS = Grid(_same, _same, -LARGEST_NUMBER, LARGEST_NUMBER)


def minor_units(digits: int) -> Grid:
    """Amounts of a currency with so many decimal digits, thresholds being in units."""
    return Grid(lambda value: _minor(value, digits), math.floor, INTEGERS.low, INTEGERS.high)
