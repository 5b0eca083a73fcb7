"""The fact catalogue: what we can know about an account, each with type, unit, source, use and meaning."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from accounts.foundation.registry import Registry


class Type(StrEnum):
    """How a fact's value behaves in conditions."""

    NUMBER = "number"
    RATIO = "ratio"
    MONEY = "money"
    TEXT = "text"
    BOOLEAN = "boolean"
    INSTANT = "instant"
    DATE = "date"
    TEXT_LIST = "text_list"
    NUMBER_LIST = "number_list"


class Use(StrEnum):
    """What a fact may be used for."""

    NAMED = "may be named to the customer"
    INTERNAL = "internal triggers only"
    NEVER = "never used"


class Group(StrEnum):
    """Where a fact stands on the account page. The first six are the groups of which profile coverage speaks."""

    WHO = "Who they are"
    BOUGHT = "What they bought"
    GOALS = "Goals and value"
    USAGE = "Usage"
    SUPPORT = "Support"
    PEOPLE = "People and sentiment"
    INTENT = "Interest"
    HEALTH = "Health"
    LIFECYCLE = "Lifecycle"
    CUSTOM = "Custom"


class Pace(StrEnum):
    """How a fact's history is kept."""

    SETTLED = "settled"
    """Changes seldom; each change is kept at its instant."""
    MOVING = "moving"
    """Changes by itself; what it was at the end of each UTC day is kept."""


CUSTOM = "custom"
"""The column that holds all custom facts, and lists, each under its key."""
LISTS = (Type.TEXT_LIST, Type.NUMBER_LIST)


@dataclass(frozen=True)
class Fact:
    """One fact. Money is kept in minor units; lists and custom facts stand as JSON beside the typed columns.

    `part` names the provider that makes it, and under which its source and age are kept. A *register* is written by
    the evaluation itself and may be read by the very rules that move it: what it becomes counts from the next round on.
    A *required* fact counts for profile coverage. `stands_beside` says of a fact that it has no column of its own, such
    as one that a dimension of segments defines.
    """

    key: str
    label: str
    type: Type
    meaning: str
    group: Group
    use: Use = Use.NAMED
    unit: str = ""
    pace: Pace = Pace.SETTLED
    part: str = ""
    is_register: bool = False
    is_custom: bool = False
    is_required: bool = False
    stands_beside: bool = False

    @cached_property
    def is_json(self) -> bool:
        """Whether it is kept as JSON beside the others, and not in a column of its own."""
        return self.is_custom or self.stands_beside or self.type in LISTS

    @cached_property
    def column(self) -> str:
        """The field of AccountFacts that holds it."""
        if self.is_json:
            return CUSTOM
        return f"{self.key}_minor" if self.type is Type.MONEY else self.key


facts: Registry[Fact] = Registry("fact")
