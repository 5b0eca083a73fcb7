"""The words of the condition language: fact types, operators, and the tree a checked condition becomes.

`OPERATORS` is the one table of types × operators; the check, the evaluation and the table in `docs/conditions.md` all
follow it.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from .values import ORDERED, Kind, as_json, read_date, read_instant, read_temporal

MAX_DEPTH = 10  # groups inside groups; databases give up at about thirty nested expressions
MAX_LEAVES = 200
MAX_LIST = 1_000
MAX_DAYS = 36_500  # a hundred years: keeps every window inside the calendar of both databases


class FactType(Enum):
    """What a fact is, as its catalogue declares it."""

    INTEGER = "integer"
    NUMBER = "number"
    # A share such as 0.3 for 30 %. Computed, so never compared for equality.
    RATIO = "ratio"
    # In units of the base currency: 50000, not cents.
    MONEY = "money"
    TEXT = "text"
    BOOLEAN = "boolean"
    INSTANT = "instant"
    DATE = "date"
    TEXT_LIST = "text_list"
    NUMBER_LIST = "number_list"
    # Typed only by the JSON it comes in: facts that no catalogue declares, as on a line of `conditions eval`.
    UNTYPED = "untyped"

    @property
    def spoken(self) -> str:
        """The type in words: `list of text`."""
        return _SPOKEN.get(self, self.value)

    @property
    def kind(self) -> Kind | None:
        """The kind a known value of this fact has; None where only the value can say."""
        return _KIND_OF_TYPE.get(self)

    @property
    def operand_kind(self) -> Kind | None:
        """The kind of the value such a fact is compared with: for a list, that of its elements."""
        return {FactType.TEXT_LIST: Kind.TEXT, FactType.NUMBER_LIST: Kind.NUMBER}.get(self, self.kind)


_SPOKEN = {FactType.TEXT_LIST: "list of text", FactType.NUMBER_LIST: "list of number"}

_KIND_OF_TYPE = {
    FactType.INTEGER: Kind.NUMBER,
    FactType.NUMBER: Kind.NUMBER,
    FactType.RATIO: Kind.NUMBER,
    FactType.MONEY: Kind.NUMBER,
    FactType.TEXT: Kind.TEXT,
    FactType.BOOLEAN: Kind.BOOLEAN,
    FactType.INSTANT: Kind.INSTANT,
    FactType.DATE: Kind.DATE,
    FactType.TEXT_LIST: Kind.LIST,
    FactType.NUMBER_LIST: Kind.LIST,
}


class Family(Enum):
    """Operators that compare in the same way, and so take a value of the same shape."""

    EQUALITY = "equality"
    MEMBERSHIP = "membership"
    CONTAINMENT = "containment"
    ORDERING = "ordering"
    KNOWLEDGE = "knowledge"
    WINDOW = "window"


@dataclass(frozen=True)
class Operator:
    """One operator: its family, and the fact types it may be used on."""

    name: str
    family: Family
    types: frozenset[FactType]


_EVERY_TYPE = frozenset(FactType)
_LISTS = frozenset({FactType.TEXT_LIST, FactType.NUMBER_LIST})
_ORDERED_TYPES = frozenset(kind for kind in FactType if kind.kind in ORDERED)
_COMPARABLE = _EVERY_TYPE - _LISTS - {FactType.RATIO}
_UNTYPED = frozenset({FactType.UNTYPED})

OPERATORS: dict[str, Operator] = {
    name: Operator(name, family, types)
    for family, types, names in (
        (Family.EQUALITY, _COMPARABLE, ("equal", "notEqual")),
        (Family.MEMBERSHIP, _COMPARABLE - {FactType.BOOLEAN}, ("in", "notIn")),
        (Family.CONTAINMENT, _LISTS | _UNTYPED, ("contains", "doesNotContain")),
        (Family.ORDERING, _ORDERED_TYPES | _UNTYPED, ("lessThan", "lessThanInclusive")),
        (Family.ORDERING, _ORDERED_TYPES | _UNTYPED, ("greaterThan", "greaterThanInclusive")),
        (Family.KNOWLEDGE, _EVERY_TYPE, ("isKnown", "isUnknown")),
        (Family.WINDOW, frozenset({FactType.INSTANT, FactType.DATE}) | _UNTYPED, ("withinLast", "withinNext")),
        (Family.WINDOW, frozenset({FactType.INSTANT, FactType.DATE}) | _UNTYPED, ("moreThanAgo", "moreThanAhead")),
    )
    for name in names
}


def operators_for(fact_type: FactType) -> list[str]:
    """The names of the operators a fact of this type allows, in the order of the table."""
    return [operator.name for operator in OPERATORS.values() if fact_type in operator.types]


@dataclass(frozen=True)
class Window:
    """A span of days, counted from the moment of evaluation."""

    days: int | float


Scalar = bool | int | float | str | None
Value = Scalar | tuple[Scalar, ...] | Window


@dataclass(frozen=True)
class Leaf:
    """One comparison. `value` is what the author wrote; `operand` is what the fact is compared with."""

    fact: str
    operator: str
    value: Value
    type: FactType

    @property
    def family(self) -> Family:
        """How this leaf compares."""
        return OPERATORS[self.operator].family

    @property
    def operand(self) -> object:
        """The value in Python's types: instants and dates read from their ISO text, lists as tuples."""
        if isinstance(self.value, tuple):
            return tuple(self._read(item) for item in self.value)
        return self._read(self.value)

    def _read(self, item: object) -> object:
        if not isinstance(item, str):
            return item
        if self.type is FactType.INSTANT:
            return read_instant(item)
        if self.type is FactType.DATE:
            return read_date(item)
        # Text has no order here, so an untyped text that is ordered can only be meant as a date or an instant.
        untyped_order = self.type is FactType.UNTYPED and self.family is Family.ORDERING
        return read_temporal(item) if untyped_order else item


@dataclass(frozen=True)
class All:
    """True when every one of `nodes` is."""

    nodes: tuple["Condition", ...]


@dataclass(frozen=True)
class Any_:  # noqa: N801  (the plain word is taken by typing)
    """True when at least one of `nodes` is."""

    nodes: tuple["Condition", ...]


@dataclass(frozen=True)
class Not:
    """True when `node` is false."""

    node: "Condition"


@dataclass(frozen=True)
class Held:
    """True when `node` has been true for at least `days` days, as far as was seen."""

    node: "Condition"
    days: int


Condition = Leaf | All | Any_ | Not | Held


def children(condition: Condition) -> tuple[Condition, ...]:
    """The nodes directly below; none below a leaf."""
    match condition:
        case All(nodes) | Any_(nodes):
            return nodes
        case Not(node) | Held(node):
            return (node,)
        case _:
            return ()


def leaves(condition: Condition) -> Iterator[Leaf]:
    """Every leaf, in the order written."""
    if isinstance(condition, Leaf):
        yield condition
    for child in children(condition):
        yield from leaves(child)


def holds(condition: Condition) -> Iterator[Held]:
    """Every Held inside, also those nested in another one."""
    if isinstance(condition, Held):
        yield condition
    for child in children(condition):
        yield from holds(child)


def depth(condition: Condition) -> int:
    """How many groups lie around the deepest leaf: 0 for a leaf alone, held or not."""
    around = 0 if isinstance(condition, Held) else 1
    return max((around + depth(child) for child in children(condition)), default=0)


def facts_read(condition: Condition) -> frozenset[str]:
    """The keys of all facts the condition asks for."""
    return frozenset(leaf.fact for leaf in leaves(condition))


def to_json(condition: Condition) -> dict[str, object]:
    """The JSON the condition was parsed from, unchanged in meaning and in every value."""
    match condition:
        case All(nodes):
            return {"all": [to_json(node) for node in nodes]}
        case Any_(nodes):
            return {"any": [to_json(node) for node in nodes]}
        case Not(node):
            return {"not": to_json(node)}
        case Held(Leaf() as leaf, days):
            return to_json(leaf) | {"heldFor": {"days": days}}
        case Held():
            raise ValueError("only a comparison can be written with heldFor; a held group has no JSON")
        case Leaf():
            return _leaf_to_json(condition)


def _leaf_to_json(leaf: Leaf) -> dict[str, object]:
    written: dict[str, object] = {"fact": leaf.fact, "operator": leaf.operator}
    if leaf.family is not Family.KNOWLEDGE:
        written["value"] = value_to_json(leaf.value)
    return written


def value_to_json(value: Value) -> object:
    """A leaf's value as its author wrote it."""
    if isinstance(value, Window):
        return {"days": value.days}
    return list(value) if isinstance(value, tuple) else value


def hold_key(node: Condition) -> str:
    """Under which key facts carry the instant since which `node` has been true: the same for equal conditions."""
    canonical = json.dumps(_canonical(node), sort_keys=True, separators=(",", ":"))
    return f"held:{hashlib.sha256(canonical.encode()).hexdigest()[:24]}"


def _canonical(node: Condition) -> dict[str, object]:
    """A condition as plain JSON that is equal where the conditions are, types of facts included."""
    match node:
        case All(nodes):
            return {"all": [_canonical(child) for child in nodes]}
        case Any_(nodes):
            return {"any": [_canonical(child) for child in nodes]}
        case Not(inner):
            return {"not": _canonical(inner)}
        case Held(inner, days):
            return {"held": _canonical(inner), "days": days}
        case Leaf(fact, operator, value, fact_type):
            written = _plain(value.days) if isinstance(value, Window) else _plain(node.operand)
            return {"fact": fact, "type": fact_type.value, "operator": operator, "value": written}


def _plain(value: object) -> object:
    """A value in which 5 and 5.0 are the same; whole numbers in hexadecimal, which has no limit of digits."""
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return as_json(value)
    return {"number": hex(int(value)) if value == int(value) else repr(value)}
