"""Watches, ready to be asked."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from accounts.facts.queries import condition_types
from accounts.foundation.truth import Truth, negate
from retention.conditions.check import parse
from retention.conditions.comparing import Moment
from retention.conditions.evaluate import compile_closure, explain
from retention.conditions.language import Condition, FactType
from retention.evaluation.models import Watch

WORD = 63


@dataclass(frozen=True)
class Compiled:
    """One watch with its conditions as functions."""

    watch: Watch
    enter: Condition
    leave: Condition | None
    enters: Callable[[dict[str, Any], Moment], Truth]
    leaves: Callable[[dict[str, Any], Moment], Truth]

    @property
    def word(self) -> int:
        return self.watch.slot // WORD

    @property
    def bit(self) -> int:
        return 1 << (self.watch.slot % WORD)

    def clauses(self, facts: dict[str, Any], moment: Moment, *, entering: bool) -> list[dict[str, object]]:
        """The comparisons that decided, with what was observed, as JSON."""
        condition = self.enter if entering or self.leave is None else self.leave
        return [clause.as_json() for clause in explain(condition, facts, moment).decisive]


def catalogue() -> dict[str, FactType]:
    """Fact key → type, as the condition language wants it."""
    return {key: FactType(name) for key, name in condition_types().items()}


@lru_cache(maxsize=1024)
def _condition(source: str) -> Condition:
    return parse(json.loads(source), catalogue())


def compiled(watch: Watch) -> Compiled:
    """`watch`, ready to be asked."""
    enter = _condition(json.dumps(watch.enter))
    leave = _condition(json.dumps(watch.leave)) if watch.leave else None
    enters = compile_closure(enter)
    return Compiled(watch, enter, leave, enters, compile_closure(leave) if leave else _opposite(enters))


def _opposite(enters: Callable[[dict[str, Any], Moment], Truth]) -> Callable[[dict[str, Any], Moment], Truth]:
    return lambda facts, moment: negate(enters(facts, moment))
