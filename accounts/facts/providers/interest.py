"""What the customer's people look at on our site."""

import datetime as dt
from collections.abc import Mapping, Sequence

from accounts.facts.catalogue import Fact, Group, Type, Use
from accounts.facts.registry import Part, provides
from accounts.ingestion.queries import intents_of

INTENT, INSTANT = Group.INTENT, Type.INSTANT
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
