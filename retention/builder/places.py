"""Where in a condition a problem stands, in words: "second comparison of the first group"."""

import re
from collections.abc import Iterable
from typing import Any

from retention.conditions.language import OPERATORS, FactType
from retention.conditions.refusal import Problem
from retention.conditions.wording import operator_words

MOST = 20
"""Problems told at once; whoever mends these learns of the others."""
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_STEPS = re.compile(r"\.(all|any|not)|\[(\d+)\]")
_QUOTED = re.compile(rf'"({"|".join(OPERATORS)})"')
_LISTED = re.compile(r"(?<=use one of ).*|(?<=with )isUnknown")


def told(problems: Iterable[Problem], source: object) -> list[str]:
    """The problems as sentences for the author, each beginning with its place."""
    found = list(problems)
    more = [f"And {len(found) - MOST} more."] if len(found) > MOST else []
    return [sentence(problem, source) for problem in found[:MOST]] + more


def sentence(problem: Problem, source: object) -> str:
    """One problem: `Second comparison of the first group: expected a number such as 30, got "many".`"""
    place = place_of(problem.path, source)
    return _capital(f"{place}: {_said(problem)}" if place else _said(problem)) + "."


def beside(problem: Problem) -> dict[str, str]:
    """One problem as the builder shows it, beside its row."""
    return {"path": problem.path, "message": _capital(_said(problem)) + "."}


def _said(problem: Problem) -> str:
    """The message, with operators as the builder calls them."""
    quoted = _QUOTED.sub(lambda match: _operator(match[1]), problem.message)
    return _LISTED.sub(lambda match: ", ".join(map(_operator, match[0].split(", "))), quoted)


def _operator(name: str) -> str:
    return f"“{operator_words(name, FactType.NUMBER)}”" if name in OPERATORS else name


def place_of(path: str, source: object) -> str:
    """The node at `path` within `source` in words; empty for the whole condition."""
    node, members, parts = source, None, []
    for step, index in _STEPS.findall(path):
        if step:
            inner = node.get(step) if isinstance(node, dict) else None
            members, node = (inner, node) if step != "not" else (None, inner)
        elif isinstance(members, list) and int(index) < len(members):
            node = members[int(index)]
            parts.append(_counted(node, members[: int(index) + 1]))
    return " of the ".join(reversed(parts))


def _counted(node: object, until: list[Any]) -> str:
    noun = _noun(node)
    place = sum(_noun(one) == noun for one in until)
    return f"{_ORDINALS[place - 1] if place <= len(_ORDINALS) else f'{place}th'} {noun}"


def _noun(node: object) -> str:
    while isinstance(node, dict) and "not" in node:
        node = node["not"]
    return "group" if isinstance(node, dict) and ("all" in node or "any" in node) else "comparison"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
