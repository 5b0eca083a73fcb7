"""How much time the accounts of a segment really took, beside the share of time that was planned for them."""

import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet, Sum

from accounts.foundation.registry import Registry
from accounts.portfolio.queries import listed
from accounts.team.models import User
from accounts.touches.models import Touch
from retention.segments.models import Dimension

DAYS = 90
Span = tuple[dt.datetime, dt.datetime]
spent: Registry[Callable[[User, Span], tuple[QuerySet[Any], str]]] = Registry("time spent for accounts")
"""The rows of one kind that cost `minutes` in a span, of those the reader may see, and their path to the account."""


@spent.register("touches")
def in_touches(user: User, span: Span) -> tuple[QuerySet[Any], str]:
    """Calls and meetings of which somebody said how long they took."""
    rows: Any = Touch.objects
    return rows.for_user(user).filter(happened_at__range=span, minutes__isnull=False), "account"


@dataclass(frozen=True)
class Effort:
    """The minutes that went into each segment, by key, of the accounts as they stand now."""

    minutes: Counter[str]

    def share(self, key: str) -> int | None:
        """Per cent of all of them; None where nobody noted any time."""
        whole = self.minutes.total()
        return round(100 * self.minutes[key] / whole) if whole else None

    def hours(self, key: str) -> float:
        """The same in hours."""
        return round(self.minutes[key] / 60, 1)


def effort(dimension: Dimension, user: User, *, until: dt.datetime, days: int = DAYS) -> Effort:
    """The time noted within `days` before `until`, by the segments of `dimension`."""
    minutes: Counter[str] = Counter()
    for provider in spent.values():
        rows, account = provider(user, (until - dt.timedelta(days=days), until))
        asked = {f"{account}__in": listed().values("pk"), f"{account}__segments__dimension": dimension}
        by_segment = rows.filter(**asked).order_by().values_list(f"{account}__segments__segment__key")
        minutes.update(dict(by_segment.annotate(sum=Sum("minutes"))))
    return Effort(minutes)
