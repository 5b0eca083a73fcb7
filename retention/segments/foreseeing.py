"""Where customers will stand once what they bought runs: who looks after them is decided when they buy."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from accounts.deals.models import Deal
from accounts.foundation import money
from accounts.foundation.truth import Truth
from accounts.workspace.queries import base_currency
from retention.conditions.check import composed
from retention.conditions.comparing import Moment
from retention.conditions.evaluate import compile_closure
from retention.conditions.refusal import ConditionRefused
from retention.evaluation.known import facts_of, watched_holds
from retention.evaluation.queries import moment
from retention.evaluation.rules import catalogue
from retention.segments.composing import entering
from retention.segments.models import DimensionVersion, Segment
from retention.segments.queries import current_versions

YEAR = 12
"""Months that the amount of a deal is for."""
Rule = Callable[[dict[str, Any], Moment], Truth]
Rules = dict[str, list[tuple[Segment, Rule]]]
"""Key of a dimension → its segments in order, each with the rule that takes an account."""


def foreseen(deals: Sequence[Deal], *, at: dt.datetime) -> dict[int, list[Segment]]:
    """Account id → the segment of each dimension where it will stand when the contract of its won deal runs.

    Until that contract is accepted and has begun, the account itself counts as one that buys nothing.
    """
    currency, here = base_currency(), moment(at)
    known = facts_of([deal.account_id for deal in deals], watched_holds(), currency=currency)
    rules = {key: found for one in _versions() if (found := _rules(one)) for key in [one.dimension.key]}
    return {
        deal.account_id: _placed(rules, known.get(deal.account_id, {}) | _bought(deal, known, currency), here)
        for deal in deals
    }


def _versions() -> list[DimensionVersion]:
    return list(current_versions().prefetch_related("segments").order_by("dimension__key"))


def _rules(version: DimensionVersion) -> list[tuple[Segment, Rule]]:
    """The segments with their rules; none where a rule reads a fact that is gone."""
    segments = list(version.segments.all())
    try:
        asked = [compile_closure(composed(rule, catalogue())) for rule in entering([one.condition for one in segments])]
    except ConditionRefused:
        return []
    return list(zip(segments, asked, strict=True))


def _bought(deal: Deal, known: dict[int, dict[str, Any]], currency: str) -> dict[str, Any]:
    """What will be known of the account besides: that it pays, and how much where the deal says so."""
    if deal.amount_minor is None or deal.currency != currency:
        return {"has_paid_contract": True}
    before, year = known.get(deal.account_id, {}), money.to_units(deal.amount_minor, currency)
    worth = year * (deal.term_months or YEAR) / YEAR
    return {
        "has_paid_contract": True,
        "arr": max(before.get("arr") or 0, year),
        "lifetime_value": max(before.get("lifetime_value") or 0, worth),
    }


def _placed(rules: Rules, known: dict[str, Any], here: Moment) -> list[Segment]:
    found: dict[str, Segment] = {}
    for _ in rules:  # dimensions read each other, never in a ring: after as many rounds nothing changes any more
        before = dict(found)
        for key, segments in rules.items():
            if segment := next((one for one, rule in segments if rule(known, here) is True), None):
                found[key], known[key] = segment, segment.key
        if found == before:
            break
    return list(found.values())
