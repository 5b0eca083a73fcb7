"""The value of one leaf: is it what the operator takes and the fact's type can be compared with?"""

import math
from collections.abc import Callable, Iterator
from typing import TypeGuard

from .language import MAX_DAYS, MAX_LIST, FactType, Family, Value, Window
from .refusal import Problem, below, shown
from .values import Kind, read_date, read_instant

_EXPECTED = {
    Kind.NUMBER: "a number such as 30",
    Kind.TEXT: 'text such as "adopted"',
    Kind.BOOLEAN: "true or false",
    Kind.INSTANT: 'an instant with its offset such as "2026-01-31T09:00:00Z"',
    Kind.DATE: 'a date such as "2026-01-31"',
    None: "a number, text, true or false",
}


def value_problems(family: Family, operator: str, fact_type: FactType, value: object, path: str) -> Iterator[Problem]:
    """Everything wrong with `value`, the value of a leaf with this operator on a fact of this type."""
    if family is Family.WINDOW:
        yield from _window_problems(operator, fact_type, value, path)
    elif family is Family.MEMBERSHIP:
        yield from _list_problems(operator, fact_type, value, path)
    else:
        yield from _scalar_problems(fact_type, value, path)


def frozen(family: Family, value: object) -> Value:
    """A value that has no problems, as a leaf keeps it."""
    if family is Family.WINDOW and isinstance(value, dict):
        return Window(value["days"])
    return tuple(value) if isinstance(value, list) else value  # type: ignore[return-value]


def days_problems(value: object, path: str, *, zero: bool, whole: bool) -> Iterator[Problem]:
    """Everything wrong with `{"days": n}`; `zero` and `whole` say which n are allowed."""
    number = "a whole number" if whole else "a number"
    if not isinstance(value, dict) or "days" not in value:
        yield Problem(path, f'expected {{"days": n}} with {number} of days, got {shown(value)}')
        return
    for key in value:
        if key != "days":
            yield Problem(below(path, key), 'unknown key; only "days" belongs here')
    days = value["days"]
    if not _is_number(days) or (whole and days % 1) or not _in_reach(days, zero):
        least = "0 or more" if zero else "more than 0"
        yield Problem(f"{path}.days", f"expected {number}, {least} and at most {MAX_DAYS}, got {_echo(days)}")


def _in_reach(days: int | float, zero: bool) -> bool:
    return days <= MAX_DAYS and (days >= 0 if zero else days > 0)


def _echo(days: object) -> str:
    return str(days) if _is_number(days) and abs(days) < 1e9 else shown(days)


def _window_problems(operator: str, fact_type: FactType, value: object, path: str) -> Iterator[Problem]:
    """Zero days ago is the moment itself, a useful edge; a window of zero days would never hold anything."""
    zero = operator.startswith("moreThan")
    yield from days_problems(value, path, zero=zero, whole=fact_type is FactType.DATE)


def _list_problems(operator: str, fact_type: FactType, value: object, path: str) -> Iterator[Problem]:
    if not isinstance(value, list):
        yield Problem(path, f'expected a list for "{operator}", such as ["a", "b"] or [1, 2], got {shown(value)}')
    elif len(value) > MAX_LIST:
        yield Problem(path, f"holds {len(value)} values; keep it to {MAX_LIST}")
    else:
        for index, item in enumerate(value):
            # Where no type is declared, an element of any kind may stand in the list: it simply differs.
            if item is not None or fact_type is not FactType.UNTYPED:
                yield from _scalar_problems(fact_type, item, f"{path}[{index}]")


def _scalar_problems(fact_type: FactType, value: object, path: str) -> Iterator[Problem]:
    kind = fact_type.operand_kind
    if value is None:
        yield Problem(path, f"expected {_EXPECTED[kind]}, got null; ask for a missing fact with isUnknown")
    elif not _FITS[kind](value):
        yield Problem(path, f"expected {_EXPECTED[kind]}, got {shown(value)}{_hint(value)}")
    elif kind is Kind.TEXT and not _storable(value):
        yield Problem(path, "holds a character no database can store (NUL or half a surrogate pair); remove it")


def _hint(value: object) -> str:
    return " that is not finite" if isinstance(value, float) and not math.isfinite(value) else ""


def _is_number(value: object) -> TypeGuard[int | float]:
    """A finite number; True is none, although Python counts it as 1."""
    if isinstance(value, bool):
        return False
    return isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))


def _storable(value: object) -> bool:
    return not any(character == "\0" or "\ud800" <= character <= "\udfff" for character in str(value))


_FITS: dict[Kind | None, Callable[[object], bool]] = {
    Kind.NUMBER: _is_number,
    Kind.TEXT: lambda value: isinstance(value, str),
    Kind.BOOLEAN: lambda value: isinstance(value, bool),
    Kind.INSTANT: lambda value: isinstance(value, str) and read_instant(value) is not None,
    Kind.DATE: lambda value: isinstance(value, str) and read_date(value) is not None,
    None: lambda value: isinstance(value, (bool, str)) or _is_number(value),
}
