"""A condition as one boolean expression: TRUE, FALSE and NULL exactly where memory says true, false and unknown.

AND and OR of both databases are three-valued as the language is, and so is NOT of a comparison. Negation is pushed down
to the comparisons all the same: there it costs nothing, groups of one kind melt into one, and little nests.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import lru_cache

from ..language import All, Any_, Condition, FactType, Family, Held, Leaf, Not, Window, hold_key, leaves
from ..values import Kind
from .columns import Column, Dialect, Sql, Storage
from .fragments import Fragment, join
from .moments import Moved
from .places import Place
from .stored_json import item_of, json_place
from .thresholds import FLIPPED
from .typed import KINDS, typed_place


def compile_sql(
    condition: Condition,
    columns: Mapping[str, Column],
    dialect: Dialect,
    *,
    negated: bool = False,
) -> Sql:
    """The condition, or its opposite if `negated`, over a row in which `columns` (fact or hold key → column) stand.

    Unknown is NULL, negated or not. Nothing in the text depends on time; what does are parameters, which `at` sets.
    Raises ValueError for a fact without a column, of no declared type, or kept in a column of another kind.
    """
    return _Compiler(columns, dialect).node(condition, negated).as_sql()


def place_of(fact: str, fact_type: FactType, columns: Mapping[str, Column], dialect: Dialect) -> Place:
    """Where the fact is. Raises ValueError where it cannot be compared."""
    column = columns.get(fact)
    if column is None:
        raise ValueError(f'"{fact}" has no column; name one for every fact the condition reads')
    return _place(fact, fact_type, column, dialect)


@lru_cache(maxsize=4096)  # fifty rules ask for one fact many times, and every pass asks again
def _place(fact: str, fact_type: FactType, column: Column, dialect: Dialect) -> Place:
    if fact_type.kind is None:
        raise ValueError(f'"{fact}" has no type; only declared facts can be compared in SQL')
    if column.storage is Storage.JSON:
        return json_place(item_of(column, dialect), fact_type, fact_type.kind, dialect)
    if KINDS[column.storage] is not fact_type.kind:
        raise ValueError(f'"{fact}" is of type {fact_type.spoken} and cannot be kept as {column.storage.name}')
    return typed_place(column, dialect)


class _Compiler:
    """One compilation: what all nodes need to know."""

    def __init__(self, columns: Mapping[str, Column], dialect: Dialect) -> None:
        self.columns = columns
        self.dialect = dialect

    def node(self, node: Condition, negated: bool) -> Fragment:
        match node:
            case Leaf():
                return self.leaf(node, negated)
            case Not(inner):
                return self.node(inner, not negated)
            case Held(inner, days):
                return join("OR" if negated else "AND", [self.node(inner, negated), self.held(inner, days, negated)])
            case All(nodes):
                return self.group("OR" if negated else "AND", nodes, negated)
            case Any_(nodes):
                return self.group("AND" if negated else "OR", nodes, negated)

    def group(self, joint: str, nodes: Sequence[Condition], negated: bool) -> Fragment:
        """The nodes under one connective. Their order does not matter to the answer, but to how soon it is there."""
        ordered = sorted(nodes, key=lambda node: _late(node, joint, negated))
        return join(joint, (self.node(child, negated) for child in ordered))

    def held(self, node: Condition, days: int, negated: bool) -> Fragment:
        """Whether it has been known true for so long; never NULL, for what is not known true is not held."""
        place = self.place(hold_key(node), FactType.INSTANT)
        long_enough = place.compare("<=", Moved(Kind.INSTANT, timedelta(days=-days)))
        known = place.answer(long_enough)
        text = f"COALESCE({known.text}, FALSE)"
        return Fragment(f"NOT {text}" if negated else text, known.params)

    def leaf(self, leaf: Leaf, negated: bool) -> Fragment:
        place = self.place(leaf.fact, leaf.type)
        if leaf.family is Family.KNOWLEDGE:
            return place.is_known(wanted=(leaf.operator == "isKnown") is not negated)
        return place.answer(_ASKED[leaf.family](place, leaf, negated))

    def place(self, fact: str, fact_type: FactType) -> Place:
        return place_of(fact, fact_type, self.columns, self.dialect)


def _late(node: Condition, joint: str, negated: bool) -> tuple[int, int]:
    """Comparisons stand before groups, and first those that are likely to settle it; small groups before large."""
    if not isinstance(node, Leaf):
        return 1, sum(1 for _ in leaves(node))
    often_true = _OFTEN_TRUE.get(node.operator, 0) * (-1 if negated else 1)
    return 0, often_true if joint == "AND" else -often_true


def _equality(place: Place, leaf: Leaf, negated: bool) -> Fragment:
    return place.equals(leaf.operand, wanted=(leaf.operator == "equal") is not negated)


def _membership(place: Place, leaf: Leaf, negated: bool) -> Fragment:
    values = leaf.operand if isinstance(leaf.operand, tuple) else ()
    return place.among(values, wanted=(leaf.operator == "in") is not negated)


def _containment(place: Place, leaf: Leaf, negated: bool) -> Fragment:
    return place.contains(leaf.operand, wanted=(leaf.operator == "contains") is not negated)


def _ordering(place: Place, leaf: Leaf, negated: bool) -> Fragment:
    operator = _ORDERINGS[leaf.operator]
    return place.compare(FLIPPED[operator] if negated else operator, leaf.operand)


def _window(place: Place, leaf: Leaf, negated: bool) -> Fragment:
    span = timedelta(days=leaf.value.days) if isinstance(leaf.value, Window) else timedelta(0)
    asked = [(operator, Moved(place.kind, factor * span)) for operator, factor in _WINDOWS[leaf.operator]]
    if negated:
        return join("OR", (place.compare(FLIPPED[operator], bound) for operator, bound in asked))
    return join("AND", (place.compare(operator, bound) for operator, bound in asked))


_ORDERINGS = {
    "lessThan": "<",
    "lessThanInclusive": "<=",
    "greaterThan": ">",
    "greaterThanInclusive": ">=",
}
# How often a comparison is true: more than half of the time (1), less (-1), or who knows.
_OFTEN_TRUE = dict.fromkeys(("notEqual", "notIn", "isKnown", "doesNotContain"), 1) | dict.fromkeys(
    ("equal", "in", "isUnknown", "contains", "withinNext"), -1
)
# Each window as comparisons with the moment moved by so many spans.
_WINDOWS: dict[str, tuple[tuple[str, int], ...]] = {
    "withinLast": ((">", -1), ("<=", 0)),
    "withinNext": ((">", 0), ("<=", 1)),
    "moreThanAgo": (("<=", -1),),
    "moreThanAhead": ((">", 1),),
}
_ASKED: dict[Family, Callable[[Place, Leaf, bool], Fragment]] = {
    Family.EQUALITY: _equality,
    Family.MEMBERSHIP: _membership,
    Family.CONTAINMENT: _containment,
    Family.ORDERING: _ordering,
    Family.WINDOW: _window,
}
