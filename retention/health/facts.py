"""Health as facts: made with the projection from the other facts of an account, and kept with its history.

`_judge` is the one place where a score, its band and what a person said about it come together; the projection asks
before the facts are written, and `follow` asks the same judge for those accounts where something differs from what is
kept.
"""

import datetime as dt
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from accounts.facts.catalogue import Fact, Group, Pace, Type, Use
from accounts.facts.queries import in_units
from accounts.facts.registry import Values, derives
from accounts.workspace.queries import base_currency, workspace
from retention.health import keeping
from retention.health.configuration import Configuration, changed_at, in_force, reads
from retention.health.judging import Judge
from retention.health.scales import Day

HEALTH, MOVING, INTERNAL = Group.HEALTH, Pace.MOVING, Use.INTERNAL


def _fact(key: str, label: str, kind: Type, meaning: str, *, unit: str = "", pace: Pace = Pace.SETTLED) -> Fact:
    return Fact(key, label, kind, meaning, HEALTH, INTERNAL, unit=unit, pace=pace, stands_beside=True)


FACTS = [
    _fact(
        "health_score",
        "Health score",
        Type.NUMBER,
        "What the health model makes of the account, 0 to 100; unknown while too little of what counts is known.",
        unit="of 100",
        pace=MOVING,
    ),
    _fact(
        "health_band",
        "Health",
        Type.TEXT,
        "Green, amber, red, or insufficient; the override of a colleague counts while it lasts.",
    ),
    _fact("health_computed_band", "Health, computed", Type.TEXT, "The band that follows from the score alone."),
    _fact("health_band_since", "In this health band since", Type.INSTANT, "When the account came into its band."),
    _fact(
        "health_coverage_share",
        "Health coverage",
        Type.RATIO,
        "The share of the weight of the health model that is known.",
        unit="of the weight",
        pace=MOVING,
    ),
    _fact(
        "health_mixed",
        "Mixed signals",
        Type.BOOLEAN,
        "Whether measures contradict each other, such as high usage with low sentiment.",
    ),
    _fact("health_model", "Health model", Type.TEXT, "The health model by which the account is scored."),
]


JUDGE = "health: judge"
"""What one pass remembers of each account beside its facts, so that what follows is judged by the same; never kept."""


def _follow(known: Mapping[int, Values], at: dt.datetime) -> set[int]:
    judge = next((values[JUDGE] for values in known.values() if JUDGE in values), None)
    return keeping.follow(judge, _in_units(known), at) if judge else set()


@derives("health", FACTS, changed_at=changed_at, reads=reads, follow=_follow)
def healthy(known: Mapping[int, Values], at: dt.datetime) -> Mapping[int, Values]:
    """The health of each account, as the versions in force see it."""
    judge = _judge(known, at)
    if judge is None:
        return {}
    return {
        account_id: judge.judge(account_id, values, at).facts | {JUDGE: judge}
        for account_id, values in _in_units(known).items()
    }


def _in_units(known: Mapping[int, Values]) -> dict[int, Values]:
    currency = base_currency()
    return {account_id: in_units(values, currency=currency) for account_id, values in known.items()}


def _judge(known: Mapping[int, Values], at: dt.datetime) -> Judge | None:
    """Ready for these accounts; None where nobody has published a health model."""
    versions = list(in_force())
    if not versions:
        return None
    configured_at = max(version.published_at for version in versions)
    return Judge(
        Configuration.of(versions),
        configured_at,
        Day.of(at, ZoneInfo(workspace().time_zone)),
        keeping.standings(known),
        keeping.overrides(known),
    )
