"""Renewal risk, and the risks that people raised, as facts."""

import datetime as dt
from collections.abc import Mapping, Sequence

from accounts.facts.catalogue import Fact, Group, Type, Use
from accounts.facts.queries import in_units
from accounts.facts.registry import Part, Values, derives, provides
from accounts.foundation.many import among
from accounts.workspace.queries import base_currency, today
from retention.conditions.comparing import Moment
from retention.risks import keeping, rating
from retention.risks.models import Risk

HEALTH, INTERNAL = Group.HEALTH, Use.INTERNAL


def _fact(key: str, label: str, kind: Type, meaning: str, unit: str = "") -> Fact:
    return Fact(key, label, kind, meaning, HEALTH, INTERNAL, unit=unit, stands_beside=True)


TIER = [
    _fact(
        "risk_tier",
        "Renewal risk",
        Type.TEXT,
        "Low, medium or high by the points of the signals that are true; unknown while too much of it is.",
    ),
    _fact(
        "risk_points", "Renewal risk, points", Type.NUMBER, "The points of all risk signals that are true.", "points"
    ),
    _fact("risk_tier_since", "In this risk tier since", Type.INSTANT, "When the account came into its risk tier."),
]
RAISED = [
    _fact("risk_open", "Risk open", Type.BOOLEAN, "Whether somebody raised a risk that is still open."),
    _fact("risks_open", "Risks open", Type.NUMBER, "How many risks that people raised are still open.", "risks"),
    Fact(
        "risk_categories",
        "Kinds of open risks",
        Type.TEXT_LIST,
        "The categories of the risks that people raised and that are still open.",
        HEALTH,
        INTERNAL,
    ),
    _fact("risk_raised_at", "Risk raised", Type.INSTANT, "When the oldest risk that is still open was raised."),
    _fact("risk_step_due_on", "Risk step due", Type.DATE, "The first day on which a next step of an open risk is due."),
    _fact("risk_without_step", "Risk without a step", Type.BOOLEAN, "Whether an open risk has no next step."),
]


def _moment(at: dt.datetime) -> Moment:
    return Moment(as_of=at, today=today(at))


RATED = "risks: rated"
"""What one pass remembers of each account beside its facts: who rates, what was found, and what was kept before.

It is no fact, so never kept.
"""


def _follow(known: Mapping[int, Values], at: dt.datetime) -> set[int]:
    ratings = {account_id: values[RATED] for account_id, values in known.items() if RATED in values}
    if not ratings:
        return set()
    currency = base_currency()
    rater = next(iter(ratings.values())).rater
    return keeping.follow(rater, ratings, lambda one: in_units(known[one], currency=currency), _moment(at))


@derives(rating.DERIVATION, TIER, changed_at=rating.changed_at, reads=rating.reads, follow=_follow)
def tiers(known: Mapping[int, Values], at: dt.datetime) -> Mapping[int, Values]:
    """The renewal risk of each account, as the version in force sees it."""
    version = rating.in_force()
    if version is None:
        return {}
    rater, moment, before = rating.Rater(version), _moment(at), keeping.standings(known)
    currency, found = base_currency(), {}
    for account_id, values in known.items():
        rated = rater.rate(in_units(values, currency=currency), moment)
        old = before.get(account_id)
        found[account_id] = {
            "risk_tier": rated.tier.value,
            "risk_points": rated.points,
            "risk_tier_since": keeping.since(old, rated, at),
            RATED: keeping.Rating(rater, rated, old),
        }
    return found


@provides("risks", RAISED)
def raised(account_ids: Sequence[int], at: dt.datetime) -> Mapping[int, Part]:
    """The risks that people raised, by account. Having none is known too: we raise them ourselves."""
    rows = Risk.objects.filter(account__in=among(account_ids), state=Risk.State.OPEN)
    found: dict[int, list[Risk]] = {account_id: [] for account_id in account_ids}
    for row in rows:
        found[row.account_id].append(row)
    return {account_id: Part(_values(risks), "risks", None) for account_id, risks in found.items()}


def _values(risks: list[Risk]) -> Values:
    steps = [risk.next_step_on for risk in risks if risk.next_step_on]
    return {
        "risk_open": bool(risks),
        "risks_open": len(risks),
        "risk_categories": sorted({risk.category for risk in risks}) or None,
        "risk_raised_at": min((risk.raised_at for risk in risks), default=None),
        "risk_step_due_on": min(steps, default=None),
        "risk_without_step": len(steps) < len(risks),
    }
