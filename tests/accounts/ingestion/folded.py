"""What the fold left behind."""

from typing import Any

from accounts.foundation.clock import now, utc_day
from accounts.ingestion import activity
from accounts.ingestion.models import (
    AccountActivity,
    FeatureActivity,
    QuarantinedItem,
    SignalEvent,
    UserActivity,
)
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
        "quarantine": sorted(QuarantinedItem.objects.values_list("message", "reason")),
    }


def usage_of(account: Account) -> activity.Usage:
    return activity.usage([account.pk], day=utc_day(now()))[account.pk]
