"""What is wrong with a condition that a milestone asks."""

from collections.abc import Mapping
from typing import Any

from accounts.facts.registry import derivations
from retention.conditions.check import problems
from retention.conditions.language import FactType
from retention.conditions.stored import facts_named


def later_facts() -> set[str]:
    """Facts that are made after the milestones, or of them: a rule that asked for these would never learn them."""
    names = list(derivations)
    return {key for name in names[names.index("milestones") :] for key in derivations[name].keys}


def wrong_with(source: Any, facts: Mapping[str, FactType]) -> list[tuple[str, str]]:
    """Everything wrong with a condition of a milestone: the path inside it, and what to do."""
    found = [(one.path.removeprefix("$"), one.message) for one in problems(source, facts, allow_held_for=False)]
    if not found and (late := sorted(facts_named(source) & later_facts())):
        found = [
            ("", f"{late[0]} is made of the milestones, or after them; choose a fact that does not depend on them")
        ]
    return found
