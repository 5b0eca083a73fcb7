import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Max

from accounts.facts import custom
from accounts.facts.catalogue import Fact, Type, Use, facts
from accounts.facts.lookup import catalogue
from accounts.facts.models import AccountFacts
from accounts.facts.typed import EXPECTED, text_of
from accounts.facts.wording import shown, unit_of
from accounts.foundation import money
from accounts.foundation.many import among
from accounts.workspace.models import Source
from accounts.workspace.queries import base_currency

CONTRACTS = "contracts"
LIFECYCLE = "lifecycle"
SEGMENTS = "segments"
BY_HAND = "by hand"
BY_API = "api"
BY_FILE = "file"
OURS = {
    CONTRACTS: "Contracts",
    LIFECYCLE: "Lifecycle",
    SEGMENTS: "Segments",
    BY_HAND: "By hand",
    BY_API: "API",
    BY_FILE: "File",
}
OURS |= {
    "profile": "Profile",
    "deals": "Deals",
    "touches": "Touches",
    "visits": "Visits",
    "milestones": "Milestones",
    "risks": "Risks",
    "derived": "Worked out",
    "handoffs": "Handoffs",
}
"""Where a fact comes from that no outside source tells us, in words."""


def condition_types() -> dict[str, str]:
    """Fact key → the type its values have in conditions."""
    return {key: fact.type.value for key, fact in catalogue().items()}


def withheld() -> set[str]:
    """Keys of the facts whose use policy keeps them out of conditions."""
    return {key for key, fact in catalogue().items() if fact.use is Use.NEVER}


def condition_labels() -> dict[str, str]:
    """Fact key → its name for people."""
    return {key: fact.label for key, fact in catalogue().items()}


def values(row: AccountFacts, *, currency: str) -> dict[str, Any]:
    """Fact key → value as conditions see it: money in currency units, None where unknown."""
    return {key: value_of(fact, row, currency=currency) for key, fact in catalogue().items()}


def values_of(
    account_ids: Iterable[int], keys: Collection[str] | None = None, *, currency: str
) -> dict[int, dict[str, Any]]:
    """Account id → fact key → value as conditions see it. Of the facts `keys` alone, where given: there are many."""
    asked = [fact for key, fact in catalogue().items() if keys is None or key in keys]
    rows = AccountFacts.objects.filter(pk__in=among(account_ids))
    found = rows.values_list("pk", *sorted({fact.column for fact in asked}), named=True)
    return {row.pk: {fact.key: value_of(fact, row, currency=currency) for fact in asked} for row in found}


def in_units(known: Mapping[str, Any], *, currency: str) -> dict[str, Any]:
    """What a projection knows, as conditions see it: money in currency units instead of minor ones."""
    found = dict(known)
    for key, fact in facts.items():
        if fact.type is Type.MONEY and found.get(key) is not None:
            found[key] = money.to_units(found[key], currency)
    return found


def value_of(fact: Fact, row: Any, *, currency: str) -> Any:
    """The value of one fact in `row`, which has its column, in the unit that conditions and people use."""
    if fact.is_json:
        return custom.read(row.custom.get(fact.key), fact.type) if isinstance(row.custom, dict) else None
    value = getattr(row, fact.column)
    return money.to_units(value, currency) if fact.type is Type.MONEY and value is not None else value


@dataclass(frozen=True)
class Known:
    """One fact of one account as people see it."""

    fact: Fact
    value: Any
    text: str
    source: str
    observed_at: dt.datetime | None

    @property
    def unit(self) -> str:
        """What follows the text."""
        return unit_of(self.fact, self.value)

    @property
    def typed(self) -> str:
        """The value as one would type it."""
        return text_of(self.value, self.fact)

    @property
    def expected(self) -> str:
        """How a value is typed."""
        return EXPECTED[self.fact.type]


def profile(row: AccountFacts | None) -> list[Known]:
    """Every fact of an account in the order of the catalogue, each with its value, its source and its age."""
    currency = base_currency()
    names = {source.key: source.name for source in Source.objects.all()}
    names |= OURS
    found = []
    for key, fact in catalogue().items():
        source, observed = origin(fact, row)
        value = value_of(fact, row, currency=currency) if row else None
        found.append(
            Known(
                fact=fact,
                value=value,
                text=shown(key, value, currency=currency),
                source=names.get(source, source),
                observed_at=dt.datetime.fromisoformat(observed) if observed else None,
            )
        )
    return found


def origin(fact: Fact, row: AccountFacts | None) -> tuple[str, str]:
    """The source of one fact and when it told us last, as ISO text; both empty where nobody did."""
    source, observed = (row.provenance if row else {}).get(fact.part or fact.key, ("", ""))
    return source, observed


def rows_of(account_ids: Iterable[int]) -> dict[int, AccountFacts]:
    """Account id → its row of facts."""
    return {row.pk: row for row in AccountFacts.objects.filter(pk__in=among(account_ids))}


def after_latest_projection(at: dt.datetime) -> dt.datetime:
    """`at`, or the instant after the latest profile was made, where one was made then or since.

    A rule from which facts follow carries this instant, so that no profile made before it counts as made with it.
    Asked in the lane of the facts.
    """
    latest: dt.datetime | None = AccountFacts.objects.aggregate(latest=Max("projected_at"))["latest"]
    return latest + dt.timedelta(microseconds=1) if latest and latest >= at else at
