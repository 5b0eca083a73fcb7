"""The segments on the account page: in which ones the account is, since when, and why."""

from typing import Any

from accounts.portfolio.models import Account
from accounts.portfolio.registry import Headline, Panel, headlines, panels
from accounts.team.models import User
from retention.evaluation.reading import sentence
from retention.segments.models import AccountSegment, Dimension, SegmentChange
from retention.segments.offering import offers_of
from retention.segments.queries import latest_changes, reasons, segments_of


def _standings(account: Account) -> list[AccountSegment]:
    if not hasattr(account, "known_segments"):
        account.known_segments = segments_of(account)  # type: ignore[attr-defined]
    return account.known_segments  # type: ignore[attr-defined]


def _segments(account: Account, user: User) -> dict[str, Any]:
    changes = latest_changes(account)
    rows = [{"standing": one, "why": _why(one, changes.get(one.dimension_id))} for one in _standings(account)]
    offered, refused = offers_of(account)
    return {
        "rows": rows,
        "may_open": user.reach(Dimension.AREA) is not None,
        "offered": offered,
        "refused": [(product, why.rstrip(".")) for product, why in refused],
    }


def _why(standing: AccountSegment, change: SegmentChange | None) -> str:
    """What brought the account here, as one sentence."""
    if standing.segment.condition is None:
        return "It fits no other segment, as far as anybody can tell."
    clauses = reasons(change)
    return f"{sentence(clauses)}." if clauses else "It was so when the segments were published."


def _headline(account: Account, user: User) -> tuple[str, str]:
    tier = next((one.segment for one in _standings(account) if one.segment.care), None)
    return (tier.name, tier.get_care_display()) if tier else ("–", "No segment says who looks after it")


headlines.add("service_tier", Headline("Service tier", _headline, order=15))
panels.add("segments", Panel("Segments", "retention/panels/segments.html", _segments, order=35))
