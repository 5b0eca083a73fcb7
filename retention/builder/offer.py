"""What the builder offers: facts with their meaning, and the operators and values that each type takes."""

from typing import Any

from accounts.facts.catalogue import Fact, Group, Use
from accounts.facts.lookup import catalogue
from accounts.facts.queries import OURS
from accounts.workspace.queries import base_currency
from retention.builder.registry import choices
from retention.conditions.language import OPERATORS, FactType, operators_for
from retention.conditions.wording import operator_words

_SOURCES = OURS | {"usage": "Your product", "support": "Tickets", "fit": "Ideal customer", "coverage": "Profile"}
_SOURCES |= {"shares": "Your product", "committee": "Coverage policy", "": "Worked out"}


def offer() -> dict[str, Any]:
    """Everything the builder needs to know, as JSON can carry it."""
    known = catalogue().values()
    return {
        "currency": base_currency(),
        "facts": [_fact(fact) for group in Group for fact in known if fact.group is group],
        "operators": {one.value: _operators(one) for one in FactType},
    }


def _operators(fact_type: FactType) -> list[dict[str, str]]:
    return [
        {"name": name, "words": operator_words(name, fact_type), "family": OPERATORS[name].family.value}
        for name in operators_for(fact_type)
    ]


def _fact(fact: Fact) -> dict[str, Any]:
    return {
        "key": fact.key,
        "label": fact.label,
        "type": fact.type.value,
        "meaning": fact.meaning,
        "group": fact.group.value,
        "source": "Facts of your own" if fact.is_custom else _SOURCES.get(fact.part, fact.part.capitalize()),
        "use": fact.use.value,
        "is_withheld": fact.use is Use.NEVER,
        "unit": fact.unit,
        "choices": [[value, str(label)] for value, label in choices[fact.key]()] if fact.key in choices else [],
    }
