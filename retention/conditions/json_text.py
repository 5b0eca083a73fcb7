"""JSON text, read strictly: whatever two readers could understand differently is refused."""

import json
import math

from .refusal import ConditionRefused, Problem, shown


def read(text: str) -> object:
    """What the text says. Raises ConditionRefused for anything that is not one unambiguous JSON value."""
    try:
        return json.loads(
            text, object_pairs_hook=_object, parse_constant=_refuse_constant, parse_float=_finite, parse_int=_whole
        )
    except json.JSONDecodeError as error:
        raise _refused(f"this is not JSON: {error.msg} (line {error.lineno}, column {error.colno})") from None
    except RecursionError:
        raise _refused("is nested far too deeply to be read; a condition has at most 10 levels") from None


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """The object; a key said twice is refused, because readers differ in which of the two counts."""
    keys: dict[str, object] = {}
    for key, value in pairs:
        if key in keys:
            raise _refused(f"the key {shown(key)} stands twice in one object; keep one of them")
        keys[key] = value
    return keys


def _refuse_constant(name: str) -> object:
    raise _refused(f"{name} is not a number; write a finite one")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise _refused(f"the number {text[:30]} is too large; write a smaller one")
    return number


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:  # Python refuses to read integers of many thousand digits
        raise _refused(f"the number {text[:30]}… has too many digits; write a shorter one") from None


def _refused(message: str) -> ConditionRefused:
    return ConditionRefused([Problem("$", message)])
