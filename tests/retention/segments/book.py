"""Dimensions and accounts for tests of segments: what was told goes through the facts into the segments."""

import datetime as dt
from typing import Any

from accounts.contracts import services as contracts
from accounts.facts import aging, projection
from accounts.portfolio.models import Account
from retention.evaluation import baseline, passes
from retention.segments.drafts import SegmentDraft
from retention.segments.models import AccountSegment, DimensionVersion
from retention.segments.services import publish

AT = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
TODAY = AT.date()
YEAR = 365 * DAY


def at_least(fact: str, value: Any) -> dict[str, Any]:
    return {"fact": fact, "operator": "greaterThanInclusive", "value": value}


def below(fact: str, value: Any) -> dict[str, Any]:
    return {"fact": fact, "operator": "lessThan", "value": value}


def equal(fact: str, value: Any) -> dict[str, Any]:
    return {"fact": fact, "operator": "equal", "value": value}


def segment(key: str, condition: Any = None, **values: Any) -> SegmentDraft:
    return SegmentDraft(key, key.replace("_", " ").capitalize(), condition, **values)


SIZE = [
    segment("large", at_least("employees", 500)),
    segment("middle", at_least("employees", 50)),
    segment("small", below("employees", 50)),
    segment("unknown"),
]


def published(
    segments: list[SegmentDraft], key: str = "size", *, at: dt.datetime = AT, confirmed: bool = True
) -> DimensionVersion:
    return publish(key=key, name=key.capitalize(), meaning="", segments=segments, by=None, at=at, confirmed=confirmed)


def catch_up(at: dt.datetime = AT) -> None:
    """Everything that follows from what was told: facts, then segments."""
    while (
        projection.project_dirty(at=at)
        or aging.project_aged(at=at)
        or baseline.advance(at=at)
        or passes.evaluate_dirty(at=at)
    ):
        pass


def segment_of(account: Account, dimension: str, at: dt.datetime = AT) -> str:
    """The key of the account's segment, once everything that was told has had its effect."""
    catch_up(at)
    return AccountSegment.objects.get(account=account, dimension__key=dimension).segment.key


def sign(account: Account, arr: int, *, starts_on: dt.date = TODAY, days: int = 365, **values: Any) -> Any:
    """A contract over `arr` units a year."""
    return contracts.sign(
        account,
        arr_minor=arr * 100,
        currency="USD",
        signed_at=values.pop("signed_at", AT),
        starts_on=starts_on,
        ends_on=starts_on + dt.timedelta(days=days),
        by=None,
        at=AT,
        **values,
    )
