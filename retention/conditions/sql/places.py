"""One fact in the database: how it is compared there, and what keeps a malformed value from being compared at all."""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ..values import Kind
from .columns import Dialect
from .fragments import FALSE, TRUE, Fragment, case_of, constant
from .moments import Ends, Moved
from .thresholds import Grid, beyond

# SQLite allows 32 766 parameters, in some builds fewer; two hundred lists of a thousand values would be more.
_LONGEST_LIST_OF_PARAMETERS = 30


def _as_it_is(value: Any) -> Any:
    return value


@dataclass(frozen=True)
class Place:
    """The value of one fact in SQL.

    `expression` is the value, and NULL or anything at all where it is unknown; `known` is true exactly where it is
    known. If `needs_guard`, nothing may be asked of the expression where it is not. `write` gives the parameter for a
    value, `placeholder` receives it; `grid` are the values there can be, where not every operand is one of them.
    `element` asks of a list whether the parameter is in it. A time `is_number` where it is counted from 1970, and
    `ends` lie before and after every time.
    """

    dialect: Dialect
    kind: Kind
    expression: str
    known: str
    needs_guard: bool = False
    placeholder: str = "%s"
    write: Callable[[Any], object] = _as_it_is
    grid: Grid | None = None
    element: str = ""
    is_number: bool = False
    ends: Ends = ("-infinity", "infinity")

    def compare(self, operator: str, value: Any) -> Fragment:
        """`value of the fact <operator> value`, unguarded; TRUE or FALSE if that holds for every known value."""
        if isinstance(value, Moved):
            return Fragment(f"{self.expression} {operator} {self.placeholder}", (value.kept(self.write, self.ends),))
        if isinstance(value, float) and math.isinf(value):
            return constant(beyond(operator, is_above=value > 0))
        settled = self.grid.settle(operator, value) if self.grid else (operator, value)
        if isinstance(settled, bool):
            return constant(settled)
        operator, value = settled
        return Fragment(f"{self.expression} {operator} {self.placeholder}", (self.write(value),))

    def equals(self, value: Any, *, wanted: bool) -> Fragment:
        """Whether it equals the value, or, if not `wanted`, whether it differs; unguarded."""
        if self.kind is Kind.BOOLEAN:
            return Fragment(self.expression if value is wanted else f"NOT {self.expression}")
        return self.compare("=" if wanted else "<>", value)

    def among(self, values: Sequence[Any], *, wanted: bool) -> Fragment:
        """Whether it is one of the values, or none of them; unguarded."""
        members = [member for value in values for member in self._member(value)]
        if not members:
            return constant(not wanted)
        operator = "IN" if wanted else "NOT IN"
        if self.dialect is Dialect.SQLITE and len(members) > _LONGEST_LIST_OF_PARAMETERS:
            items = "SELECT value FROM json_each(%s)"
            return Fragment(f"{self.expression} {operator} ({items})", (json.dumps(members),))
        items = ", ".join([self.placeholder] * len(members))
        return Fragment(f"{self.expression} {operator} ({items})", tuple(members))

    def contains(self, value: Any, *, wanted: bool) -> Fragment:
        """Whether the list has the element, or, if not `wanted`, has it not; unguarded."""
        members = tuple(self._member(value))
        if not members:
            return constant(not wanted)
        return Fragment(self.element if wanted else f"NOT {self.element}", members)

    def _member(self, value: Any) -> list[object]:
        """The value as a parameter, if there can be one that equals it."""
        settled = self.grid.settle("=", value) if self.grid else ("=", value)
        return [] if isinstance(settled, bool) else [self.write(settled[1])]

    def is_known(self, *, wanted: bool) -> Fragment:
        """Whether there is a value, or whether there is none; never NULL."""
        if self.needs_guard:
            return case_of(Fragment(self.known), constant(wanted), constant(not wanted))
        return Fragment(f"{self.expression} IS {'NOT ' if wanted else ''}NULL")

    def answer(self, fragment: Fragment) -> Fragment:
        """What was asked of the value, NULL where that is unknown."""
        if self.needs_guard or fragment in (TRUE, FALSE):
            return case_of(Fragment(self.known), fragment)
        return fragment
