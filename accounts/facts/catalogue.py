"""The fact catalogue: what we can know about an account, each with type, unit, source, use and meaning."""

from dataclasses import dataclass
from enum import StrEnum

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
    """Where a fact stands on the account page."""

    USAGE = "Usage"
    COMMERCIAL = "Commercial"
    LIFECYCLE = "Lifecycle"
    CUSTOM = "Custom"


CUSTOM = "custom"
"""The column that holds all custom facts, and lists, each under its key."""


@dataclass(frozen=True)
class Fact:
    """One fact. `column` is its field on AccountFacts; money is kept there in minor units.

    A *register* is written by the evaluation itself and may be read by the very rules that move it: what it becomes
    counts from the next round on.
    """

    key: str
    label: str
    type: Type
    meaning: str
    group: Group
    column: str
    use: Use = Use.NAMED
    unit: str = ""
    is_register: bool = False

    @property
    def is_json(self) -> bool:
        """Whether it is kept as JSON beside the others, and not in a column of its own."""
        return self.column == CUSTOM


facts: Registry[Fact] = Registry("fact")


def _add(fact: Fact) -> None:
    facts.add(fact.key, fact)


_add(
    Fact(
        "active_users_30d",
        "Active users",
        Type.NUMBER,
        "People with at least one product event today or in the 30 whole days before it (UTC).",
        Group.USAGE,
        "active_users_30d",
        unit="people, 30 days",
    )
)
_add(
    Fact(
        "active_users_change_30d",
        "Change in active users",
        Type.RATIO,
        "Active users of the last 30 days against the 30 days before; unknown while those had fewer than 5.",
        Group.USAGE,
        "active_users_change_30d",
        unit="30 days against 30 before",
    )
)
_add(
    Fact(
        "features_used_30d",
        "Features in regular use",
        Type.NUMBER,
        "Features used on at least 2 separate days in 30, by at least 2 people where 10 or more are active.",
        Group.USAGE,
        "features_used_30d",
        unit="features, 30 days",
    )
)
_add(
    Fact(
        "last_active_at",
        "Last active",
        Type.INSTANT,
        "The latest product event of anybody at the account.",
        Group.USAGE,
        "last_active_at",
    )
)
_add(
    Fact(
        "arr",
        "ARR",
        Type.MONEY,
        "Yearly recurring revenue today: the sum of all movements so far. One-time amounts do not count.",
        Group.COMMERCIAL,
        "arr_minor",
        unit="base currency",
    )
)
_add(
    Fact(
        "contract_end_date",
        "Contract end",
        Type.DATE,
        "The last day of the contract that runs longest.",
        Group.COMMERCIAL,
        "contract_end_date",
    )
)
_add(
    Fact(
        "closed_won_at",
        "Closed won",
        Type.INSTANT,
        "When the first contract was signed.",
        Group.COMMERCIAL,
        "closed_won_at",
    )
)
_add(
    Fact(
        "stage",
        "Lifecycle stage",
        Type.TEXT,
        "The stage of the primary lifecycle, written by its criteria.",
        Group.LIFECYCLE,
        "stage",
        use=Use.INTERNAL,
        is_register=True,
    )
)
_add(
    Fact(
        "stages_below",
        "Stages of accounts below",
        Type.TEXT_LIST,
        "The lifecycle stages in which the accounts below this one stand, each once; unknown where there are none.",
        Group.LIFECYCLE,
        CUSTOM,
        use=Use.INTERNAL,
    )
)
