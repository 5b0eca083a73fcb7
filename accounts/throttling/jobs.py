"""Forgetting windows that are long over."""

import datetime as dt

from accounts.foundation.clock import now
from accounts.throttling.models import Allowance

KEPT = dt.timedelta(days=1)


def forget() -> int:
    """Deletes what callers used in windows that ended a day ago; how many rows those were."""
    oldest_ms = int((now() - KEPT).timestamp() * 1000)
    return Allowance.objects.filter(began_ms__lt=oldest_ms).delete()[0]
