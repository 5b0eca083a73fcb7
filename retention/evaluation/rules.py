"""Watches, ready to be asked."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from accounts.facts import lookup
from accounts.facts.catalogue import Use
from accounts.facts.lookup import forget_custom_facts
from accounts.facts.queries import condition_types, withheld
from accounts.foundation.truth import Truth, all_of, negate
from retention.conditions.catalogue import Catalogue
from retention.conditions.check import composed
from retention.conditions.comparing import Moment
from retention.conditions.evaluate import Explaining, compile_explanation
from retention.conditions.explanation import Explanation
from retention.conditions.language import All, Condition, FactType, Held, Leaf, Not, hold_key, holds, leaves
from retention.conditions.refusal import ConditionRefused, Problem
from retention.conditions.timing import Boundary, boundaries
from retention.evaluation.models import HOLD, WORD, Watch


@dataclass(frozen=True, eq=False)
class Asked:
    """What a rule asks. `leave` is None where it leaves as soon as `enter` is false.

    Where both are true, leaving wins: it neither stays in nor comes back while `leave` holds. What was read from the
    same texts is one object, and equals only itself: statements are kept by what they ask.
    """

    enter: Condition
    leave: Condition | None

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """All of it."""
        return (self.enter,) if self.leave is None else (self.enter, self.leave)

    @cached_property
    def leaves(self) -> list[Leaf]:
        """Every comparison."""
        return [leaf for condition in self.conditions for leaf in leaves(condition)]

    @cached_property
    def reads(self) -> dict[str, FactType]:
        """The facts it asks for, with their types."""
        return {leaf.fact: leaf.type for leaf in self.leaves}

    @cached_property
    def holds(self) -> dict[str, list[Held]]:
        """What must have been true for a time, by the key under which that is remembered."""
        found: dict[str, list[Held]] = {}
        for condition in self.conditions:
            for held in holds(condition):
                found.setdefault(hold_key(held.node), []).append(held)
        return found

    @cached_property
    def explain_enter(self) -> Explaining:
        """What explains `enter`."""
        return compile_explanation(self.enter)

    @cached_property
    def explain_leave(self) -> Explaining | None:
        """What explains `leave`, where there is one."""
        return None if self.leave is None else compile_explanation(self.leave)

    @cached_property
    def boundaries(self) -> frozenset[Boundary]:
        """Where its answer may change by the passing of time."""
        return frozenset().union(*map(boundaries, self.conditions))


@dataclass(frozen=True)
class Rule:
    """One watch with what it asks."""

    watch: Watch
    asked: Asked

    @cached_property
    def word(self) -> int:
        return self.slot // WORD

    @cached_property
    def bit(self) -> int:
        return 1 << (self.slot % WORD)

    @property
    def slot(self) -> int:
        assert self.watch.slot is not None, "an active watch has a slot"
        return self.watch.slot

    @property
    def is_hold(self) -> bool:
        """Whether nobody hears of its edges."""
        return self.watch.reader == HOLD

    def explain(self, facts: dict[str, Any], moment: Moment, *, entering: bool) -> tuple[Truth, Explanation]:
        """Whether it enters (or leaves), and why."""
        leave = self.asked.explain_leave
        if not entering and leave is not None:
            found = leave(facts, moment)
            return found.truth, found
        found = self.asked.explain_enter(facts, moment)
        if not entering:
            return negate(found.truth), found
        leaves = leave(facts, moment).truth if leave is not None else False
        return all_of([found.truth, negate(leaves)]), found


class _Facts(Catalogue):
    """All facts that there are, also those that another process defined a moment ago."""

    def get(self, key: str, default: Any = None) -> Any:
        if key in self or key in self.withheld:
            return super().get(key, default)
        fact = lookup.find(key)
        return default if fact is None or fact.use is Use.NEVER else FactType(fact.type.value)


def catalogue() -> Catalogue:
    """Fact key → type, as the condition language wants it, with the facts that no condition may read."""
    return _Facts({key: FactType(name) for key, name in condition_types().items()}, withheld())


def read(source: Any) -> Condition:
    """The condition in stored JSON. Raises ConditionRefused where a fact it reads is gone."""
    return _composed(json.dumps(source))


def _composed(text: str) -> Condition:
    try:
        return _read(text)
    except ConditionRefused:
        forget_custom_facts()  # another process may have defined the fact a moment ago
        return _read(text)


@lru_cache(maxsize=2048)
def _read(text: str) -> Condition:
    return composed(json.loads(text), catalogue())  # what is stored was checked; holds can be put together from two


def rule(watch: Watch) -> Rule:
    """`watch`, ready to be asked. Raises ConditionRefused where a fact it reads is gone."""
    asked = _asked(
        json.dumps(watch.enter),
        json.dumps(watch.leave) if watch.leave else None,
        watch.enter_after_days,
        watch.leave_after_days,
        watch.stays_while_true,
    )
    if gone := asked.reads.keys() - lookup.catalogue().keys():  # conditions are read once, facts can go later
        raise ConditionRefused(Problem("$", f'there is no fact "{fact}" any more') for fact in sorted(gone))
    return Rule(watch, asked)


@lru_cache(maxsize=2048)  # by their texts, which are compared faster than conditions
def _asked(
    entering: str, leaving: str | None, enter_days: int | None, leave_days: int | None, stays_while_true: bool
) -> Asked:
    """The conditions with the times to enter and to leave around them."""
    enter, leaves = _composed(entering), _composed(leaving) if leaving else None
    if leaves is not None and stays_while_true:
        leaves = All((leaves, Not(enter)))
    if leaves is None and (enter_days or leave_days):
        leaves = Not(enter)
    if leaves is not None and leave_days:
        leaves = Held(leaves, leave_days)
    return Asked(Held(enter, enter_days) if enter_days else enter, leaves)


def rules(watches: Iterable[Watch]) -> tuple[list[Rule], list[tuple[Watch, ConditionRefused]]]:
    """Those that can be asked, and those that cannot with the reason: one bad rule must not stop the others."""
    ready, refused = [], []
    for watch in watches:
        try:
            ready.append(rule(watch))
        except ConditionRefused as refusal:
            refused.append((watch, refusal))
    return ready, refused
