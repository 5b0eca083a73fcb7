"""What the customer's people look at on our site, and the milestones that their product tells of."""

import datetime as dt
from collections.abc import Mapping, Sequence

from accounts.facts.catalogue import Fact, Group, Type, Use
from accounts.facts.registry import Part, provides
from accounts.foundation.many import among
from accounts.ingestion.models import AccountActivity, Milestone, MilestoneReached
from accounts.ingestion.queries import intents_of

INTENT, GOALS, INSTANT = Group.INTENT, Group.GOALS, Type.INSTANT
VISITS = [
    Fact("pricing_visited_at", "Prices", INSTANT, "The latest visit to a page about prices.", INTENT, Use.INTERNAL),
    Fact("security_visited_at", "Security", INSTANT, "The latest visit to a page on security.", INTENT, Use.INTERNAL),
    Fact(
        "integrations_visited_at",
        "Integrations",
        INSTANT,
        "The latest visit to the documentation of an integration.",
        INTENT,
        Use.INTERNAL,
    ),
    Fact(
        "advanced_visited_at",
        "Advanced features",
        INSTANT,
        "The latest visit to a page about an advanced feature.",
        INTENT,
        Use.INTERNAL,
    ),
    Fact(
        "competitor_research_at",
        "Comparison with others",
        INSTANT,
        "The latest visit to a page that compares us with somebody else.",
        INTENT,
        Use.INTERNAL,
    ),
    Fact(
        "pricing_and_security_session_at",
        "Prices and security",
        INSTANT,
        "The latest session, with no pause over 30 minutes, in which one visitor saw prices and security.",
        INTENT,
        Use.INTERNAL,
    ),
]


@provides("visits", VISITS)
def visited(account_ids: Sequence[int], at: dt.datetime) -> Mapping[int, Part]:
    """When people of each account last looked at the pages that show an intent."""
    found = {}
    for account_id, one in intents_of(account_ids, at=at).items():
        values = {
            "pricing_visited_at": one.pricing_at,
            "security_visited_at": one.security_at,
            "integrations_visited_at": one.integrations_at,
            "advanced_visited_at": one.advanced_at,
            "competitor_research_at": one.comparison_at,
            "pricing_and_security_session_at": one.pricing_and_security_session_at,
        }
        found[account_id] = Part(values, "visits", max(filter(None, values.values()), default=None))
    return found


ACTIVATED, FIRST_VALUE = "activated", "first_value"
REACHED, PENDING, NOT_TRACKED = "reached", "pending", "not_tracked"
MILESTONES = [
    Fact("activated_at", "Activated", INSTANT, "When the account reached the milestone “activated”.", GOALS),
    Fact("first_value_at", "First value", INSTANT, "When the account first had a result of its own.", GOALS),
    Fact(
        "first_value_status",
        "First value, status",
        Type.TEXT,
        "Reached, pending, or not tracked: no event says when it happens, or no product tells us.",
        GOALS,
    ),
    Fact("milestones_reached", "Milestones", Type.TEXT_LIST, "Every milestone that the account reached.", GOALS),
]


@provides("milestones", MILESTONES)
def reached(account_ids: Sequence[int], at: dt.datetime) -> Mapping[int, Part]:
    """The milestones of each account, as its product's events tell of them."""
    found: dict[int, dict[str, dt.datetime]] = {account_id: {} for account_id in account_ids}
    rows = MilestoneReached.objects.filter(account__in=among(account_ids), first_at__lte=at)
    for account_id, key, first in rows.values_list("account", "milestone__key", "first_at"):
        found[account_id][key] = first
    instrumented = AccountActivity.objects.filter(account__in=among(account_ids)).values_list("account", flat=True)
    is_mapped = any(Milestone.objects.filter(key=FIRST_VALUE).values_list("events", flat=True))
    tracked = set(instrumented) if is_mapped else set()
    return {account_id: _milestones(one, is_tracked=account_id in tracked) for account_id, one in found.items()}


def _milestones(one: dict[str, dt.datetime], *, is_tracked: bool) -> Part:
    status = PENDING if is_tracked else NOT_TRACKED
    values = {
        "activated_at": one.get(ACTIVATED),
        "first_value_at": one.get(FIRST_VALUE),
        "first_value_status": REACHED if FIRST_VALUE in one else status,
        "milestones_reached": sorted(one) or None,
    }
    return Part(values, "milestones", max(one.values(), default=None))
