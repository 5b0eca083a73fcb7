"""From segments in order to rules that exclude each other: each takes what none before it takes."""

from collections.abc import Mapping, Sequence
from typing import Any

Source = Mapping[str, Any]

EVERYBODY: dict[str, Any] = {
    "any": [
        {"fact": "account_created_at", "operator": "isKnown"},
        {"fact": "account_created_at", "operator": "isUnknown"},
    ]
}
"""True for every account: what the last segment asks, which takes those of which nobody can tell."""


def entering(conditions: Sequence[Source | None]) -> list[Source]:
    """For each segment, in order, the condition under which an account is in it.

    While an earlier one cannot be answered, nobody can tell that the account belongs in a later one.
    """
    return [_entering(conditions[:place], own) for place, own in enumerate(conditions)]


def _entering(before: Sequence[Source | None], own: Source | None) -> Source:
    if own is None:
        return EVERYBODY
    refused = [{"not": one} for one in before if one is not None]
    return {"all": [*refused, own]} if refused else own
