"""Fifty random conditions such as people write, the same every time."""

import datetime as dt
import random
from collections.abc import Callable
from typing import Any

from tests.benchmarks.book import MODULES, PLANS, STAGES, TODAY

SEED = 50
TYPED = [
    "active_users_30d",
    "active_users_change_30d",
    "features_used_30d",
    "last_active_at",
    "arr",
    "contract_end_date",
    "closed_won_at",
    "stage",
]
CUSTOM = ["seats", "plan", "sso", "trial_ends", "synced_at", "modules"]
ORDERINGS = ["lessThan", "lessThanInclusive", "greaterThan", "greaterThanInclusive"]

Node = dict[str, Any]


def conditions(count: int = 50) -> list[Node]:
    """`count` conditions of three to seven comparisons, a fifth of them about custom facts."""
    dice = random.Random(SEED)
    return [_group(dice, dice.randint(3, 7), dice.choice(["all", "all", "any"])) for _ in range(count)]


def _group(dice: random.Random, leaves: int, kind: str) -> Node:
    """A group with so many leaves below it; what is nested in it is of the other kind."""
    nodes: list[Node] = []
    while leaves:
        taken = min(leaves, dice.choice([1, 1, 1, 2, 3]))
        leaves -= taken
        node = _leaf(dice) if taken == 1 else _group(dice, taken, "any" if kind == "all" else "all")
        nodes.append({"not": node} if dice.random() < 0.12 else node)
    return {kind: nodes}


def _leaf(dice: random.Random) -> Node:
    fact = dice.choice(CUSTOM if dice.random() < 0.2 else TYPED)
    if dice.random() < 0.05:
        return {"fact": fact, "operator": dice.choice(["isKnown", "isKnown", "isUnknown"])}
    operator, value = _ASKED[fact](dice)
    return {"fact": fact, "operator": operator, "value": value}


def _number(*thresholds: float) -> Callable[[random.Random], tuple[str, Any]]:
    return lambda dice: (dice.choice(ORDERINGS), dice.choice(thresholds))


def _text(*values: str) -> Callable[[random.Random], tuple[str, Any]]:
    def ask(dice: random.Random) -> tuple[str, Any]:
        operator = dice.choice(["equal", "equal", "notEqual", "in", "notIn"])
        return operator, dice.sample(values, 2) if operator in ("in", "notIn") else dice.choice(values)

    return ask


def _past(*days: int) -> Callable[[random.Random], tuple[str, Any]]:
    return lambda dice: (dice.choice(["withinLast", "moreThanAgo"]), {"days": dice.choice(days)})


def _date(dice: random.Random) -> tuple[str, Any]:
    if dice.random() < 0.2:
        return dice.choice(ORDERINGS), (TODAY + dt.timedelta(days=dice.choice([-30, 30, 90]))).isoformat()
    return dice.choice(["withinNext", "withinNext", "moreThanAhead", "withinLast"]), {"days": dice.choice([14, 30, 90])}


def _modules(dice: random.Random) -> tuple[str, Any]:
    return dice.choice(["contains", "contains", "doesNotContain"]), dice.choice(MODULES)


_ASKED: dict[str, Callable[[random.Random], tuple[str, Any]]] = {
    "active_users_30d": _number(3, 5, 10, 25, 50, 100),
    "active_users_change_30d": _number(-0.5, -0.3, -0.1, 0.1, 0.25),
    "features_used_30d": _number(2, 5, 10, 20),
    "last_active_at": _past(3, 7, 14, 30, 60),
    "arr": _number(5_000, 20_000, 50_000, 99_999.5),
    "contract_end_date": _date,
    "closed_won_at": _past(30, 90, 365),
    "stage": _text(*STAGES),
    "seats": _number(5, 10, 20, 50, 100),
    "plan": _text(*PLANS),
    "sso": lambda dice: ("equal", dice.random() < 0.5),
    "trial_ends": _date,
    "synced_at": _past(1, 3, 7),
    "modules": _modules,
}
