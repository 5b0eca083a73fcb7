"""How a person lays a definition out: which key comes first, and what stands on one line."""

from collections.abc import Sequence
from typing import Any

from plays.playbook.registry import Body

COMPARISON = ("fact", "operator", "value", "heldFor")


class OneLine(dict[str, Any]):
    """A mapping that reads best in braces on one line, and is written so where it fits."""


def tidy(value: Any, first: Sequence[str] = ()) -> Any:
    """`value` with its keys in order: those of `first`, of a comparison, then by alphabet. Comparisons on one line.

    A database may keep the keys of JSON in an order of its own; this one depends on the content alone.
    """
    if isinstance(value, list):
        return [tidy(item, first) for item in value]
    if not isinstance(value, dict):
        return value
    known = (*first, *COMPARISON)
    names = sorted(value, key=lambda name: (known.index(name) if name in known else len(known), name))
    ordered = {name: tidy(value[name], first) for name in names}
    return OneLine(ordered) if {"fact", "operator"} <= ordered.keys() else ordered


def given(**values: Any) -> Body:
    """The values that say something: nobody writes down what is left out."""
    return {name: value for name, value in values.items() if value is not None}
