import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from accounts.foundation.clock import utc_day
from accounts.foundation.many import among
from accounts.ingestion import mapping, ring
from accounts.ingestion.daily import Daily
from accounts.ingestion.models import (
    AccountActivity,
    AccountIntents,
    EventName,
    IntentActivity,
    QuarantinedItem,
    SourceCount,
)
from accounts.team.models import User
from accounts.workspace.models import Source


def quarantine_by_reason(user: User) -> list[tuple[str, str, int]]:
    """Reason, its label and how many items wait for it: what releases others too comes first, then most first."""
    rows = QuarantinedItem.objects.for_user(user).order_by().values("reason").annotate(count=Count("pk"))
    labels = dict(QuarantinedItem.Reason.choices)
    found = [(row["reason"], str(labels[row["reason"]]), row["count"]) for row in rows]
    return sorted(found, key=lambda row: (row[0] != QuarantinedItem.Reason.UNKNOWN_ACCOUNT, -row[2]))


def quarantine_by_kind(user: User, *, reason: str) -> list[tuple[str, str, int]]:
    """What the items that wait for `reason` came as, its label and how many they are; most first."""
    rows = QuarantinedItem.objects.for_user(user).filter(reason=reason)
    counted = rows.order_by().values("kind").annotate(count=Count("pk"))
    labels = dict(QuarantinedItem.Kind.choices)
    found = [(row["kind"], str(labels[row["kind"]]), row["count"]) for row in counted]
    return sorted(found, key=lambda row: -row[2])


def counts_of(source: Source, *, since: dt.datetime) -> QuerySet[SourceCount]:
    """What became of the source's items, hour by hour, oldest first; hours in which nothing came are missing."""
    hour = since.replace(minute=0, second=0, microsecond=0)
    return SourceCount.objects.filter(source=source, hour__gte=hour).order_by("hour")


def unmapped_names() -> list[EventName]:
    """Event names that stand for nothing in the tracking plan and are not ignored, most frequent first."""
    plan = mapping.in_force()
    names = EventName.objects.filter(is_ignored=False).exclude(name="").select_related("source")
    return [row for row in names if row.name not in plan.features and row.name not in plan.milestones]


@dataclass(frozen=True)
class Intents:
    """When people of an account last looked at the pages of each intent; None where they never did."""

    pricing_at: dt.datetime | None = None
    security_at: dt.datetime | None = None
    integrations_at: dt.datetime | None = None
    advanced_at: dt.datetime | None = None
    comparison_at: dt.datetime | None = None
    pricing_and_security_session_at: dt.datetime | None = None


KEYS = ("pricing", "security", "integrations", "advanced", "comparison")
"""Keys of the intents that facts are made of. A tracking plan may have more."""


def intents_of(account_ids: Sequence[int], *, at: dt.datetime) -> dict[int, Intents]:
    """The intents of those accounts that showed any, as far as they are known `at` that instant."""
    found: dict[int, dict[str, dt.datetime]] = {}
    rows = IntentActivity.objects.filter(account__in=among(account_ids), intent__key__in=KEYS, last_at__lte=at)
    for account_id, key, last in rows.values_list("account", "intent__key", "last_at"):
        found.setdefault(account_id, {})[f"{key}_at"] = last
    together = AccountIntents.objects.filter(pk__in=among(account_ids), pricing_and_security_at__lte=at)
    for account_id, last in together.values_list("pk", "pricing_and_security_at"):
        found.setdefault(account_id, {})["pricing_and_security_session_at"] = last
    return {account_id: Intents(**instants) for account_id, instants in found.items()}


def busiest_days(account_ids: Sequence[int], *, weeks: int, at: dt.datetime) -> dict[int, list[int]]:
    """Account id → the most people who used the product on one day of each of the last `weeks` weeks, oldest first."""
    today = ring.day_number(utc_day(at))
    rows = AccountActivity.objects.filter(account__in=among(account_ids), daily_until__isnull=False)
    found = {pk: Daily(until or 0, counts) for pk, until, counts in rows.values_list("pk", "daily_until", "daily")}
    ends = [today - 7 * back for back in reversed(range(weeks))]
    return {pk: [max(daily.between(end - 6, end)) for end in ends] for pk, daily in found.items()}
