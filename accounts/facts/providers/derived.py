"""Facts that follow from other facts of the same account."""

import datetime as dt
from collections.abc import Mapping

from accounts.facts.catalogue import Fact, Group, Pace, Type, Use, facts
from accounts.facts.registry import Values, derives

MOVING, RATIO, USAGE = Pace.MOVING, Type.RATIO, Group.USAGE
SHARES = [
    Fact(
        "seats_active_share",
        "Seats in use",
        RATIO,
        "People active in 30 days against the seats bought.",
        USAGE,
        unit="of the seats bought",
        pace=MOVING,
    ),
    Fact(
        "usage_vs_target_share",
        "Usage against target",
        RATIO,
        "What the contract measures against what it plans for.",
        USAGE,
        unit="of the target",
        pace=MOVING,
    ),
    Fact(
        "usage_vs_fair_use_share",
        "Usage against fair use",
        RATIO,
        "What the contract measures against what it allows.",
        USAGE,
        unit="of the limit",
        pace=MOVING,
    ),
]


@derives("shares", SHARES)
def shares(known: Mapping[int, Values], at: dt.datetime) -> Mapping[int, Values]:
    """Use against what was bought and agreed."""
    return {account_id: _shares(values) for account_id, values in known.items()}


def _shares(values: Values) -> Values:
    measured = values.get(values.get("usage_fact") or "")
    return {
        "seats_active_share": _share(values.get("active_users_30d"), values.get("seats_bought")),
        "usage_vs_target_share": _share(measured, values.get("usage_target")),
        "usage_vs_fair_use_share": _share(measured, values.get("fair_use_limit")),
    }


def _share(part: object, whole: object) -> float | None:
    if isinstance(part, (int, float)) and isinstance(whole, (int, float)) and whole:
        return part / whole
    return None


COVERAGE = Fact(
    "profile_coverage_share",
    "Profile coverage",
    RATIO,
    "Of the facts that every profile should have, the share that is known and fresh.",
    Group.WHO,
    Use.INTERNAL,
    pace=MOVING,
)


@derives("coverage", [COVERAGE])
def coverage(known: Mapping[int, Values], at: dt.datetime) -> Mapping[int, Values]:
    """How much of what should be known is known."""
    required = [key for key, fact in facts.items() if fact.is_required]
    return {
        account_id: {COVERAGE.key: sum(values.get(key) is not None for key in required) / len(required)}
        for account_id, values in known.items()
    }
