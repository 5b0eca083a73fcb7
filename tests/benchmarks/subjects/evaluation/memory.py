"""One account in memory: what a page pays to ask all conditions at once."""

import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from accounts.workspace.queries import base_currency
from retention.conditions.evaluate import compile_closure, explain
from retention.evaluation.known import facts_of
from retention.evaluation.rules import read
from tests.benchmarks.harness import Result, agree, at_most, seconds
from tests.benchmarks.subjects.evaluation.watched import Watched

ACCOUNTS = 200
TIMES = 5
BUDGET = at_most(0.1)

Facts = Mapping[str, Any]
Verdicts = list[bool | None]


def one_account(watched: Watched) -> Iterator[Result]:
    """One account, 50 conditions in memory, against explaining them."""
    conditions = [read(tree) for tree in watched.trees]
    closures = [compile_closure(condition) for condition in conditions]
    moment = watched.plan.moment

    def ours(facts: Facts) -> Verdicts:
        return [closure(facts, moment) for closure in closures]

    def theirs(facts: Facts) -> Verdicts:
        return [explain(condition, facts, moment).truth for condition in conditions]

    known = list(facts_of(range(1, ACCOUNTS + 1), {}, currency=base_currency()).values())
    for facts in known:
        agree("verdicts in memory", ours(facts), theirs(facts))
    taken = _milliseconds(ours, known)
    ratio = taken / _milliseconds(theirs, known)
    name, budget = "one account, 50 conditions in memory", f"{BUDGET} ms"
    yield Result(name, taken, "ms", "explaining them", ratio, budget, BUDGET.allows(taken))


def _milliseconds(ask: Callable[[Facts], Verdicts], known: Sequence[Facts]) -> float:
    """The median over these accounts, each asked several times: so short a time is easily interrupted."""
    return statistics.median(min(seconds(partial(ask, facts)) for _ in range(TIMES)) for facts in known) * 1000
