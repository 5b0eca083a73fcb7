"""The one place that reads the time. Services take `at=`; only doors and jobs call these."""

import datetime as dt

from django.utils import timezone


def now() -> dt.datetime:
    """The current instant, aware, in UTC."""
    return timezone.now()


def utc_day(instant: dt.datetime) -> dt.date:
    """The UTC day that holds `instant`; windows over activity are whole UTC days."""
    return instant.astimezone(dt.UTC).date()
