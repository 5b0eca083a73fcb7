"""From JSON to a condition, or to a list of everything that is wrong with it.

The walk goes on after a problem, so that an author sees all of them at once; it ends early only where the source is
larger than any condition may be, which also keeps structures that contain themselves harmless.
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass

from .json_text import read
from .language import (
    MAX_DEPTH,
    MAX_LEAVES,
    OPERATORS,
    All,
    Any_,
    Condition,
    FactType,
    Family,
    Held,
    Leaf,
    Not,
    Operator,
    operators_for,
)
from .operands import days_problems, frozen, value_problems
from .refusal import ConditionRefused, Problem, below, shown

__all__ = ["ConditionRefused", "Problem", "parse", "parse_text", "problems"]

_GROUPS = ("all", "any", "not")
_LEAF_KEYS = ("fact", "operator", "value", "heldFor")


@dataclass(frozen=True)
class Size:
    """How large a condition may be."""

    leaves: int = MAX_LEAVES
    depth: int = MAX_DEPTH

    @property
    def nodes(self) -> int:
        """No permitted condition has more: each leaf inside a chain of groups of its own."""
        return self.leaves * (self.depth + 1)


def composed(source: object, catalogue: Mapping[str, FactType]) -> Condition:
    """A condition put together from two that were checked: twice as large, and a little deeper, than one may be."""
    return _Walk(catalogue, True, Size(2 * MAX_LEAVES, MAX_DEPTH + 2)).condition(source)


def parse(source: object, catalogue: Mapping[str, FactType], *, allow_held_for: bool = True) -> Condition:
    """The condition that `source` (JSON already read) describes. Raises ConditionRefused with every problem found.

    Without `allow_held_for`, `heldFor` is one of them: for places that have no history to answer it from.
    """
    return _Walk(catalogue, allow_held_for, Size()).condition(source)


def parse_text(text: str, catalogue: Mapping[str, FactType], *, allow_held_for: bool = True) -> Condition:
    """The condition that a JSON text describes. Raises ConditionRefused, also for what is not proper JSON."""
    return parse(read(text), catalogue, allow_held_for=allow_held_for)


def problems(source: object, catalogue: Mapping[str, FactType], *, allow_held_for: bool = True) -> list[Problem]:
    """Everything wrong with `source`; empty if it is a condition."""
    try:
        parse(source, catalogue, allow_held_for=allow_held_for)
    except ConditionRefused as refusal:
        return refusal.problems
    return []


class _Walk:
    """One pass over a source. Each method returns what it could read, or None after noting why it could not."""

    def __init__(self, catalogue: Mapping[str, FactType], allow_held_for: bool, size: Size) -> None:
        self.catalogue = catalogue
        self.allow_held_for = allow_held_for
        self.size = size
        self.problems: list[Problem] = []
        self.nodes = 0
        self.leaves = 0

    def condition(self, source: object) -> Condition:
        """What `source` describes. Raises ConditionRefused."""
        found = self.node(source, "$", 0)
        if self.problems or found is None:
            raise ConditionRefused(self.problems)
        return found

    def note(self, path: str, message: str) -> None:
        self.problems.append(Problem(path, message))

    @property
    def is_full(self) -> bool:
        """Whether the source is already known to be larger than a condition may be."""
        return self.leaves > self.size.leaves or self.nodes > self.size.nodes

    def node(self, source: object, path: str, depth: int) -> Condition | None:
        """The node at `path`, with `depth` groups around it."""
        self.nodes += 1
        if self.nodes == self.size.nodes + 1:
            self.note("$", f"is larger than a condition may be; keep it to {self.size.leaves} comparisons")
        if not isinstance(source, dict):
            self.note(path, f'expected an object, a group such as {{"all": […]}} or a comparison, got {shown(source)}')
            return None
        if any(key in source for key in _GROUPS):
            return self.group(source, path, depth)
        return self.leaf(source, path)

    def group(self, source: dict[str, object], path: str, depth: int) -> Condition | None:
        key = next(key for key in _GROUPS if key in source)
        for other in source:
            if other != key:
                self.note(
                    below(path, other), f'does not belong beside "{key}"; a group has one key, so nest or remove it'
                )
        if depth == self.size.depth:
            self.note(path, f"is nested more than {self.size.depth} groups deep; flatten the condition")
            return None
        if key == "not":
            node = self.node(source[key], f"{path}.not", depth + 1)
            return Not(node) if node is not None else None
        nodes = self.members(source[key], f"{path}.{key}", depth + 1)
        return All(nodes) if key == "all" else Any_(nodes)

    def members(self, source: object, path: str, depth: int) -> tuple[Condition, ...]:
        if not isinstance(source, list):
            self.note(path, f"expected a list of nodes, got {shown(source)}; put it in [ ]")
            return ()
        if not source:
            self.note(path, "is empty; put at least one comparison in it or remove the group")
        nodes = []
        for index, member in enumerate(source):
            if self.is_full:
                break
            nodes.append(self.node(member, f"{path}[{index}]", depth))
        return tuple(node for node in nodes if node is not None)

    def leaf(self, source: dict[str, object], path: str) -> Leaf | Held | None:
        self.leaves += 1
        if self.leaves == self.size.leaves + 1:
            self.note("$", f"has more than {self.size.leaves} comparisons; split it into several conditions")
        found = len(self.problems)
        self.unknown_keys(source, path)
        fact, fact_type = self.fact(source, path)
        operator = self.operator(source, path, fact_type)
        if operator:
            self.value(source, path, operator, fact_type)
        held_for_days = self.held_for(source, path)
        if len(self.problems) > found or fact_type is None or operator is None:
            return None
        leaf = Leaf(fact, operator.name, frozen(operator.family, source.get("value")), fact_type)
        return Held(leaf, held_for_days) if held_for_days else leaf

    def unknown_keys(self, source: dict[str, object], path: str) -> None:
        for key in source:
            if key not in _LEAF_KEYS:
                self.note(
                    below(path, key), "unknown key; a comparison has fact, operator and value, a group all, any or not"
                )

    def fact(self, source: dict[str, object], path: str) -> tuple[str, FactType | None]:
        """The fact's key and its type; no type for a fact that does not exist."""
        key = source.get("fact")
        if not isinstance(key, str):
            self.note(f"{path}.fact", "is missing; name the fact to compare" if key is None else _not_text(key))
            return "", None
        fact_type = self.catalogue.get(key)
        if fact_type is None:
            self.note(f"{path}.fact", f"there is no fact {shown(key)}{self.suggestion(key)}")
        elif key in getattr(self.catalogue, "withheld", ()):
            self.note(f"{path}.fact", f"{shown(key)} is never used: its use policy says so; choose another fact")
        return key, fact_type

    def suggestion(self, key: str) -> str:
        closest = difflib.get_close_matches(key[:100], self.catalogue, n=1)
        return f'; did you mean "{closest[0]}"?' if closest else "; see the fact catalogue for those there are"

    def operator(self, source: dict[str, object], path: str, fact_type: FactType | None) -> Operator | None:
        """The operator, if it exists and suits the fact."""
        name = source.get("operator")
        operator = OPERATORS.get(name) if isinstance(name, str) else None
        if operator and (fact_type is None or fact_type in operator.types):
            return operator
        allowed = operators_for(fact_type) if fact_type else list(OPERATORS)
        self.note(
            f"{path}.operator", f"{_operator_trouble(name, operator, fact_type)}; use one of {', '.join(allowed)}"
        )
        return None

    def value(self, source: dict[str, object], path: str, operator: Operator, fact_type: FactType | None) -> None:
        here = f"{path}.value"
        if operator.family is Family.KNOWLEDGE:
            if "value" in source:
                self.note(here, f'"{operator.name}" takes no value; remove it')
        elif "value" not in source:
            self.note(here, f'is missing; "{operator.name}" needs a value to compare with')
        elif fact_type:
            found = value_problems(operator.family, operator.name, fact_type, source["value"], here)
            self.problems.extend(found)

    def held_for(self, source: dict[str, object], path: str) -> int | None:
        """The whole days the comparison must have been true for, if it says so."""
        if "heldFor" not in source:
            return None
        here, written = f"{path}.heldFor", source["heldFor"]
        if not self.allow_held_for:
            self.note(here, "is not available here: it needs history, and there is none; remove it")
            return None
        found = list(days_problems(written, here, zero=False, whole=True))
        self.problems.extend(found)
        return int(written["days"]) if isinstance(written, dict) and not found else None


def _not_text(value: object) -> str:
    return f"expected the key of a fact as text, got {shown(value)}"


def _operator_trouble(name: object, operator: Operator | None, fact_type: FactType | None) -> str:
    if operator and fact_type:
        return f'"{operator.name}" cannot be used on a fact of type {fact_type.spoken}'
    if name is None:
        return "is missing"
    return f"there is no operator {shown(name)}"
