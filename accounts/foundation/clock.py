"""The one place that reads the time. Services take `at=`; only doors and jobs call these."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.utils import timezone

FIRST_YEAR, LAST_YEAR = 1970, 2199
IMPLAUSIBLE = f"Expected a day from {FIRST_YEAR} to {LAST_YEAR}."


def now() -> dt.datetime:
    """The current instant, aware, in UTC."""
    return timezone.now()


def utc_day(instant: dt.datetime) -> dt.date:
    """The UTC day that holds `instant`; windows over activity are whole UTC days."""
    return instant.astimezone(dt.UTC).date()


def is_plausible(day: dt.date) -> bool:
    """Whether a day (or an instant) is one of business, and not a slip that no calendar arithmetic survives."""
    return FIRST_YEAR <= day.year <= LAST_YEAR


def validate_plausible(day: dt.date) -> None:
    """Refuses days far outside the years of business."""
    if not is_plausible(day):
        raise ValidationError(IMPLAUSIBLE)
