"""Stored clauses as people read them: the rule in words, and what was observed."""

import datetime as dt
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from accounts.facts.lookup import find
from accounts.facts.queries import condition_labels
from accounts.facts.wording import shown
from accounts.workspace.queries import base_currency
from retention.conditions.catalogue import UNDECLARED
from retention.conditions.check import ConditionRefused, composed, parse
from retention.conditions.explanation import Clause
from retention.conditions.language import All, Condition, FactType, Held, Leaf, Not, Window
from retention.conditions.wording import describe, for_at_least
from retention.evaluation import rules


@dataclass(frozen=True)
class Reading:
    """One clause for people: `Change in active users is below −30 %`, observed `−83 %`, true."""

    fact: str
    label: str
    rule: str
    observed: str
    truth: bool | None


def read(clauses: Sequence[dict[str, Any]]) -> list[Reading]:
    """The clauses of an edge or a decision, each with its rule in words and the value that was seen."""
    labels, currency = condition_labels(), base_currency()
    return [_told(clause) if "label" in clause else _read(clause, labels, currency) for clause in clauses]


def _told(clause: dict[str, Any]) -> Reading:
    """A clause about something that is no fact of an account: it brings its own name, and values as they are."""
    plain = Clause(clause["fact"], clause["operator"], _value(clause.get("value"), FactType.UNTYPED), None, True)
    seen, label = clause.get("observed"), clause["label"]
    rule = label if plain.operator == "isKnown" else describe(plain, {clause["fact"]: label})
    observed = "unknown" if seen is None else seen if isinstance(seen, str) else json.dumps(seen)
    return Reading(clause["fact"], label, rule, observed, clause["truth"])


def _read(clause: dict[str, Any], labels: dict[str, str], currency: str) -> Reading:
    key = clause["fact"]
    rule = describe(_typed(clause), labels, formatter=lambda fact, value: shown(fact, value, currency=currency))
    return Reading(
        key, labels.get(key, key), rule, shown(key, clause.get("observed"), currency=currency), clause["truth"]
    )


def _typed(clause: dict[str, Any]) -> Clause:
    fact = find(clause["fact"])
    kind = FactType(fact.type.value) if fact else FactType.UNTYPED
    value = _value(clause.get("value"), kind)
    days = clause.get("heldFor", {}).get("days")
    return Clause(clause["fact"], clause["operator"], value, clause.get("observed"), clause["truth"], kind, days)


def _value(stored: Any, kind: FactType) -> Any:
    """What JSON kept of a clause's value, as the language means it."""
    if isinstance(stored, dict):
        return Window(stored["days"])
    if isinstance(stored, list):
        return tuple(_value(item, kind) for item in stored)
    if isinstance(stored, str) and kind in (FactType.INSTANT, FactType.DATE):
        return (dt.date if kind is FactType.DATE else dt.datetime).fromisoformat(stored)
    return stored


def sentence(clauses: Sequence[dict[str, Any]]) -> str:
    """The clauses in one line: `Change in active users −83 % (is below −30 %)`."""
    parts = []
    for reading in read(clauses):
        phrase = reading.rule.removeprefix(reading.label).strip()
        parts.append(f"{reading.label} {reading.observed}" + (f" ({phrase})" if phrase else ""))
    return " and ".join(parts)


def in_plain_words(source: dict[str, Any]) -> str:
    """A condition over fields that are no facts, as one English phrase: `plan is “pro” and (… or …)`."""
    return _phrase(parse(source, UNDECLARED), lambda leaf: describe(leaf, {}))


def in_words(source: dict[str, Any]) -> str:
    """A stored condition as one English phrase: `Change in active users is below −30 % and (… or …)`.

    A fact that is gone meanwhile is called by its key: whoever reads the page sees what the rule still asks for.
    """
    try:
        condition = rules.read(source)
    except ConditionRefused:
        condition = composed(source, UNDECLARED)
    labels, currency = condition_labels(), base_currency()
    return _phrase(condition, lambda leaf: _rule(leaf, labels, currency))


def _rule(comparison: Leaf | Held, labels: dict[str, str], currency: str) -> str:
    return describe(comparison, labels, formatter=lambda fact, value: shown(fact, value, currency=currency))


def _phrase(condition: Condition, rule: Callable[[Leaf | Held], str]) -> str:
    if isinstance(condition, Leaf) or (isinstance(condition, Held) and isinstance(condition.node, Leaf)):
        return rule(condition)
    if isinstance(condition, Held):
        return f"({_phrase(condition.node, rule)}){for_at_least(condition.days)}"
    if isinstance(condition, Not):
        return f"not ({_phrase(condition.node, rule)})"
    joined = " and " if isinstance(condition, All) else " or "
    parts = [_phrase(node, rule) for node in condition.nodes]
    if len(parts) == 1:
        return parts[0]
    return joined.join(_grouped(node, part) for node, part in zip(condition.nodes, parts, strict=True))


def _grouped(node: Condition, part: str) -> str:
    return part if isinstance(node, (Leaf, Not, Held)) else f"({part})"
