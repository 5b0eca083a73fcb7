"""How much the customer uses the product, from its own signals."""

import datetime as dt
from collections.abc import Mapping, Sequence

from accounts.facts.catalogue import Fact, Group, Pace, Type, Use
from accounts.facts.registry import Part, Values, provides
from accounts.foundation.clock import utc_day
from accounts.foundation.many import among
from accounts.identity.models import ExternalId
from accounts.ingestion import ring
from accounts.ingestion.daily import Daily
from accounts.ingestion.models import AccountActivity, Feature
from accounts.ingestion.usage import Usage, spike_ended_on, usage
from accounts.workspace.models import Source
from accounts.workspace.queries import is_stale

MIN_USERS_BEFORE = 5
"""With fewer users in the earlier window a change in per cent says nothing."""
USAGE, NUMBER, RATIO, MOVING = Group.USAGE, Type.NUMBER, Type.RATIO, Pace.MOVING
PEOPLE, FEATURES = "people", "features, 30 days"

FACTS = [
    Fact(
        "active_users_30d",
        "Active users",
        NUMBER,
        "People with at least one product event today or in the 30 whole days before it (UTC).",
        USAGE,
        unit="people, 30 days",
        pace=MOVING,
        is_required=True,
    ),
    Fact(
        "active_users_change_30d",
        "Change in active users",
        RATIO,
        "Active users of the last 30 days against the 30 days before; unknown while those had fewer than 5.",
        USAGE,
        unit="30 days against 30 before",
        pace=MOVING,
    ),
    Fact(
        "active_users_7d",
        "Active users, week",
        NUMBER,
        "The same over today and the 7 whole days before it.",
        USAGE,
        unit="people, 7 days",
        pace=MOVING,
    ),
    Fact(
        "active_users_90d",
        "Active users, quarter",
        NUMBER,
        "The same over today and the 90 whole days before it.",
        USAGE,
        unit="people, 90 days",
        pace=MOVING,
    ),
    Fact(
        "users_lost_30d_share",
        "Users lost",
        RATIO,
        "Of the people active in the 30 days before the last 30, the share not seen since; unknown below 5.",
        USAGE,
        unit="of the users before",
        pace=MOVING,
    ),
    Fact(
        "weekly_signin_days",
        "Days of use a week",
        NUMBER,
        "On how many days of a week anybody used it, on average over the last 4 whole weeks.",
        USAGE,
        unit="days a week",
        pace=MOVING,
    ),
    Fact(
        "usage_change_30d",
        "Change in use",
        RATIO,
        "Days of use by all people in the last 30 whole days against the 30 before; unknown below 20 days.",
        USAGE,
        unit="30 days against 30 before",
        pace=MOVING,
    ),
    Fact(
        "usage_spike_at",
        "Usage spike",
        Type.INSTANT,
        "When the latest week ended that had 1.5 times the use of the 8 weeks before it (median), and 5 users a day.",
        USAGE,
    ),
    Fact(
        "last_active_at",
        "Last active",
        Type.INSTANT,
        "The latest product event of anybody at the account.",
        USAGE,
        pace=MOVING,
    ),
    Fact(
        "features_used_30d",
        "Features in regular use",
        NUMBER,
        "Features used on at least 2 separate days in 30, by at least 2 people where 10 or more are active.",
        USAGE,
        unit=FEATURES,
        pace=MOVING,
        is_required=True,
    ),
    Fact(
        "core_features_used_30d",
        "Core features in regular use",
        NUMBER,
        "Those of them that the tracking plan calls core.",
        USAGE,
        unit=FEATURES,
        pace=MOVING,
    ),
    Fact(
        "advanced_features_used_30d",
        "Advanced features in regular use",
        NUMBER,
        "Those of them that the tracking plan calls advanced.",
        USAGE,
        unit=FEATURES,
        pace=MOVING,
    ),
    Fact(
        "roles_active_30d",
        "Roles active",
        NUMBER,
        "Different roles among the people active in 30 days; unknown while the product tells no roles.",
        USAGE,
        unit="roles, 30 days",
        pace=MOVING,
    ),
    Fact(
        "teams_active_30d",
        "Teams active",
        NUMBER,
        "Different teams among the people active in 30 days; unknown while the product tells no teams.",
        USAGE,
        unit="teams, 30 days",
        pace=MOVING,
    ),
]


@provides("usage", FACTS)
def used(account_ids: Sequence[int], at: dt.datetime) -> Mapping[int, Part]:
    """Use as the product tells it. While the source is silent for everybody its counts are unknown, not low."""
    sources = Source.objects.in_bulk()
    today = ring.day_number(utc_day(at))
    found = {}
    for account_id, one in usage(account_ids, at=at).items():
        source = sources[one.source_id]
        values: Values = {"last_active_at": one.last_event_at}
        if not is_stale(source, at=at):
            values |= _counted(one) | _by_day(one.daily, today)
        found[account_id] = Part(values, source.key, source.last_delivery_at)
    return found


def _counted(one: Usage) -> Values:
    now, before = one.active_users[30], one.active_users_before
    is_telling = before >= MIN_USERS_BEFORE
    return {
        "active_users_7d": one.active_users[7],
        "active_users_30d": now,
        "active_users_90d": one.active_users[90],
        "active_users_change_30d": now / before - 1 if is_telling else None,
        "users_lost_30d_share": one.users_lost / before if is_telling else None,
        "features_used_30d": sum(one.features.values()),
        "core_features_used_30d": one.features.get(Feature.Tier.CORE, 0),
        "advanced_features_used_30d": one.features.get(Feature.Tier.ADVANCED, 0),
        "roles_active_30d": one.roles,
        "teams_active_30d": one.teams,
    }


MIN_DAYS_BEFORE = 20
SIGNIN_WEEKS = 4


def _by_day(daily: Daily, today: int) -> Values:
    """Facts about whole days, so without today."""
    now, before = sum(daily.between(today - 30, today - 1)), sum(daily.between(today - 60, today - 31))
    days = daily.between(today - 7 * SIGNIN_WEEKS, today - 1)
    spike = spike_ended_on(daily, today=today)
    return {
        "usage_change_30d": now / before - 1 if before >= MIN_DAYS_BEFORE else None,
        "weekly_signin_days": sum(1 for users in days if users) / SIGNIN_WEEKS,
        "usage_spike_at": None if spike is None else ring.instant_of(spike),
    }


LINKED = Fact(
    "product_linked",
    "Product linked",
    Type.BOOLEAN,
    "Whether a product calls the account by an id, or has ever told us anything about it.",
    USAGE,
    Use.INTERNAL,
)


@provides("product link", [LINKED])
def linked(account_ids: Sequence[int], at: dt.datetime) -> Mapping[int, Part]:
    """Whether use of each account can be seen at all."""
    known = ExternalId.objects.filter(account__in=among(account_ids), source__kind=Source.Kind.PRODUCT)
    active = AccountActivity.objects.filter(account__in=among(account_ids))
    seen = {pk for rows in (known, active) for pk in rows.order_by().values_list("account", flat=True)}
    return {account_id: Part({LINKED.key: account_id in seen}, "profile", None) for account_id in account_ids}
