"""Rows for the lists of health: each with everything its list shows."""

from collections.abc import Callable
from typing import Any

from accounts.foundation.clock import now
from tests.factories import accounts, retention


def a_health_model(number: int) -> None:
    published = retention.HealthModelVersionFactory()
    retention.HealthMeasureFactory.create_batch(2, version=published)
    retention.HealthCapFactory(version=published)


def an_override(number: int) -> None:
    made_at = now()
    retention.HealthOverrideFactory(made_by=accounts.UserFactory(), made_at=made_at, from_on=made_at.date())


HEALTH: dict[str, Callable[[int], Any]] = {
    "health-models": a_health_model,
    "account-health": lambda number: retention.AccountHealthFactory(),
    "health-history": lambda number: retention.HealthScoreFactory(),
    "health-overrides": an_override,
}
