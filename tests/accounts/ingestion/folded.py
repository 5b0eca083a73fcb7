"""What the fold left behind."""

from typing import Any

from accounts.foundation.clock import now
from accounts.ingestion.models import (
    AccountActivity,
    AccountIntents,
    EventName,
    FeatureActivity,
    IntentActivity,
    MilestoneReached,
    PageSession,
    QuarantinedItem,
    SignalEvent,
    SignalPayload,
    UserActivity,
    Visit,
    Visitor,
)
from accounts.ingestion.usage import Usage, usage
from accounts.portfolio.models import Account
from accounts.stakeholders.models import ProductUser


def state() -> dict[str, list[Any]]:
    """Everything the fold writes, without row ids and without when it was written."""
    ring = ("last_day", "word_0", "word_1", "word_2")
    return {
        "events": sorted(SignalEvent.objects.values_list("message", "day", "type", "name", "account__key")),
        "users": sorted(ProductUser.objects.values_list("external_id", "account__key", "name", "email")),
        "days": sorted(UserActivity.objects.values_list("account__key", "product_user__external_id", *ring)),
        "features": sorted(
            FeatureActivity.objects.values_list("account__key", "feature__key", *ring, "second_user_day"), key=repr
        ),
        "spans": sorted(AccountActivity.objects.values_list("account__key", "first_event_at", "last_event_at")),
        "intents": sorted(
            IntentActivity.objects.values_list("account__key", "intent__key", "first_at", "last_at", *ring)
        ),
        "sessions": sorted(
            PageSession.objects.values_list("account__key", "visitor", "started_at", "ended_at", "intents"), key=repr
        ),
        "together": sorted(AccountIntents.objects.values_list("account__key", "pricing_and_security_at")),
        "milestones": sorted(MilestoneReached.objects.values_list("account__key", "milestone__key", "first_at")),
        "names": sorted(EventName.objects.values_list("name", "count", "first_seen_at", "last_seen_at")),
        "visits": sorted(Visit.objects.values_list("message", "anonymous", "user_value", "path")),
        "quarantine": sorted(QuarantinedItem.objects.values_list("message", "reason")),
    }


def usage_of(account: Account) -> Usage:
    return usage([account.pk], at=now())[account.pk]


def forget() -> None:
    """Takes away everything that the fold wrote."""
    signals = (SignalPayload, SignalEvent, QuarantinedItem, Visit, Visitor)
    activity = (UserActivity, FeatureActivity, AccountActivity, IntentActivity, PageSession, AccountIntents)
    for table in (*signals, *activity, MilestoneReached, EventName, ProductUser):
        table.objects.all().delete()
