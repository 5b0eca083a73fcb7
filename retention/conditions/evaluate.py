"""Conditions answered in memory, for one account at a time.

`compile_closure` answers fast; `explain` shows why. Both ask the same comparisons and the
same three-valued logic. This module is the reading side of the room: it also offers what is asked of a condition.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal

from accounts.foundation.truth import Truth, all_of, any_of, negate

from .comparing import Moment, comparison, has_held
from .explanation import Clause, Explanation
from .language import All, Any_, Condition, Held, Leaf, Not, facts_read, hold_key, to_json
from .wording import describe

__all__ = [
    "Clause",
    "Explanation",
    "Moment",
    "compile_closure",
    "compile_explanation",
    "describe",
    "explain",
    "facts_read",
    "to_json",
]

Facts = Mapping[str, object]
Closure = Callable[[Facts, Moment], Truth]
Explaining = Callable[[Facts, Moment], Explanation]


def compile_closure(condition: Condition) -> Closure:
    """A function from facts (key → typed value; None or absent is unknown) and a moment to the verdict.

    For what must have held, facts carry under its `hold_key` the instant (aware, UTC) since which it is known true.
    """
    match condition:
        case All(nodes):
            return _all(nodes)
        case Any_(nodes):
            return _any(nodes)
        case Not(node):
            inner = compile_closure(node)
            return lambda facts, moment: negate(inner(facts, moment))
        case Held(node, days):
            return _held(node, days)
        case Leaf():
            return _leaf(condition)


def explain(condition: Condition, facts: Facts, moment: Moment) -> Explanation:
    """The verdict with every comparison behind it; none is skipped, so all observed values show."""
    return compile_explanation(condition)(facts, moment)


def compile_explanation(condition: Condition) -> Explaining:
    """`explain` as a function from facts and a moment, for a condition that is explained often."""
    match condition:
        case All(nodes):
            return _explain_group("all", all_of, nodes)
        case Any_(nodes):
            return _explain_group("any", any_of, nodes)
        case Not(node):
            return _explain_not(node)
        case Held(node, days):
            return _explain_held(node, days)
        case Leaf():
            return _explain_leaf(condition)


# The two loops say what all_of and any_of say; passing a generator to those would double the time of a condition.
def _all(nodes: tuple[Condition, ...]) -> Closure:
    closures = [compile_closure(node) for node in nodes]

    def answer(facts: Facts, moment: Moment) -> Truth:
        verdict: Truth = True
        for closure in closures:
            truth = closure(facts, moment)
            if truth is False:
                return False
            if truth is None:
                verdict = None
        return verdict

    return answer


def _any(nodes: tuple[Condition, ...]) -> Closure:
    closures = [compile_closure(node) for node in nodes]

    def answer(facts: Facts, moment: Moment) -> Truth:
        verdict: Truth = False
        for closure in closures:
            truth = closure(facts, moment)
            if truth is True:
                return True
            if truth is None:
                verdict = None
        return verdict

    return answer


def _held(node: Condition, days: int) -> Closure:
    closure, key = compile_closure(node), hold_key(node)

    def answer(facts: Facts, moment: Moment) -> Truth:
        return closure(facts, moment) if has_held(facts.get(key), days, moment) else False

    return answer


def _leaf(leaf: Leaf) -> Closure:
    fact, compare = leaf.fact, comparison(leaf)

    def answer(facts: Facts, moment: Moment) -> Truth:
        observed = facts.get(fact)  # as `_observed`, which would be one more call for each of many comparisons
        return compare(float(observed) if type(observed) is Decimal else observed, moment)

    return answer


def _explain_group(kind: str, connective: Callable[..., Truth], nodes: tuple[Condition, ...]) -> Explaining:
    explained = [compile_explanation(node) for node in nodes]

    def answer(facts: Facts, moment: Moment) -> Explanation:
        inner = tuple([one(facts, moment) for one in explained])
        return Explanation(kind, connective([child.truth for child in inner]), inner)

    return answer


def _explain_not(node: Condition) -> Explaining:
    explained = compile_explanation(node)

    def answer(facts: Facts, moment: Moment) -> Explanation:
        inner = explained(facts, moment)
        return Explanation("not", negate(inner.truth), (inner,))

    return answer


def _explain_leaf(leaf: Leaf) -> Explaining:
    compare, operand = comparison(leaf), leaf.operand

    def answer(facts: Facts, moment: Moment) -> Explanation:
        observed = _observed(facts, leaf.fact)
        truth = compare(observed, moment)
        return Explanation("leaf", truth, clause=Clause(leaf.fact, leaf.operator, operand, observed, truth, leaf.type))

    return answer


def _explain_held(node: Condition, days: int) -> Explaining:
    explained, key = compile_explanation(node), hold_key(node)

    def answer(facts: Facts, moment: Moment) -> Explanation:
        inner, found = explained(facts, moment), facts.get(key)
        since = found if isinstance(found, datetime) else None
        truth = inner.truth if has_held(since, days, moment) else False
        if isinstance(node, Leaf) and inner.clause:
            clause = inner.clause._replace(truth=truth, held_for_days=days, since=since)
            return Explanation("leaf", truth, clause=clause)
        return Explanation("held", truth, (inner,), held_for_days=days, since=since)

    return answer


def _observed(facts: Facts, key: str) -> object:
    """The fact's value; decimals as floats, because 99.1 in JSON is a float and no float equals Decimal("99.1")."""
    value = facts.get(key)
    return float(value) if type(value) is Decimal else value
