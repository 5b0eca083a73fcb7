"""Conditions over what something says of itself: the data of an event, the properties of a signal.

The language is that of conditions over facts; `fact` names a field. A field that is not there is unknown, and so is a
value of another type than it is compared with: only true fits.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from plays.definitions.registry import Trouble
from retention.conditions.catalogue import UNDECLARED
from retention.conditions.check import parse, problems
from retention.conditions.evaluate import compile_explanation
from retention.evaluation.queries import moment
from retention.evaluation.reading import in_plain_words

Clauses = list[dict[str, Any]]


def check(where: Any, *, path: str = ".where") -> list[Trouble]:
    """What is wrong with it; nothing where it was left out."""
    if where is None:
        return []
    found = problems(where, UNDECLARED, allow_held_for=False)
    return [Trouble(path + one.path.removeprefix("$"), one.message) for one in found]


def unknown_keys(trigger: Mapping[str, Any], known: Sequence[str], what: str) -> list[Trouble]:
    """Keys that nobody reads."""
    message = f"unknown key; {what} has {', '.join(sorted(known))}"
    return [Trouble(f".{name}", message) for name in trigger if name not in known]


def words(where: Any) -> str:
    """`, and plan is “pro”`; empty without a condition."""
    return f", and {in_plain_words(where)}" if where else ""


class Filter:
    """A condition over fields, ready to be asked of many."""

    def __init__(self, where: Any, *, at: dt.datetime) -> None:
        self._explain = compile_explanation(parse(where, UNDECLARED)) if where else None
        self._moment = moment(at) if where else None

    @property
    def asks(self) -> bool:
        """Whether there is anything to ask."""
        return self._explain is not None

    def clauses(self, given: Mapping[str, Any]) -> Clauses | None:
        """What decided that these fields fit, each clause with the name of its field; None where they do not fit."""
        if self._explain is None or self._moment is None:
            return []
        found = self._explain(given, self._moment)
        if found.truth is not True:
            return None
        return [one.as_json() | {"label": one.fact.replace("_", " ")} for one in found.decisive]


def named(label: str, what: str) -> dict[str, Any]:
    """The clause that says what happened: `Event Deal won`."""
    return {"fact": label.lower(), "label": label, "operator": "isKnown", "observed": what, "truth": True}
