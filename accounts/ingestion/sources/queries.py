"""What a source delivers, and how much of it found an account."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, Sum
from django.db.models.functions import TruncDay

from accounts.foundation.clock import utc_day
from accounts.identity.models import ExternalId
from accounts.ingestion.models import EventName, QuarantinedItem, SignalEvent, SourceCount
from accounts.portfolio.models import Account
from accounts.team.models import ApiKey, User
from accounts.workspace.models import Source
from accounts.workspace.queries import is_stale

DAYS = 14
SIGNALS = 12
NAMES = 8
COLUMNS = ("accepted", "repeated", "quarantined")


@dataclass(frozen=True)
class Counts:
    """Items by what became of them."""

    accepted: int = 0
    repeated: int = 0
    quarantined: int = 0

    @property
    def total(self) -> int:
        """All that were delivered."""
        return self.accepted + self.repeated + self.quarantined


@dataclass(frozen=True)
class Day:
    """One UTC day of a source, and the height of its bar in per cent of the largest."""

    day: dt.date
    counts: Counts
    height: int
    quarantined_height: int


def state(source: Source, *, at: dt.datetime) -> str:
    """How the source is: it has never delivered, is silent for too long, or delivers."""
    if source.last_delivery_at is None:
        return "Waiting"
    return "Silent" if is_stale(source, at=at) else "Live"


def counts(source: Source, *, since: dt.datetime | None = None) -> Counts:
    """What became of everything that the source delivered since an instant, or ever."""
    rows = SourceCount.objects.filter(source=source)
    rows = rows.filter(hour__gte=since) if since else rows
    sums = rows.aggregate(**{name: Sum(name) for name in COLUMNS})
    return Counts(**{name: sums[name] or 0 for name in COLUMNS})


def counts_by_source(*, since: dt.datetime) -> dict[int, Counts]:
    """Source id → what it delivered since an instant."""
    rows = SourceCount.objects.filter(hour__gte=since).order_by().values("source_id")
    summed = rows.annotate(**{name: Sum(name) for name in COLUMNS})
    return {row["source_id"]: _counts(row) for row in summed}


def _counts(row: Any, prefix: str = "") -> Counts:
    return Counts(**{name: row[prefix + name] for name in COLUMNS})


def by_day(source: Source, *, at: dt.datetime) -> list[Day]:
    """The last days, today last, quiet ones included."""
    first = utc_day(at) - dt.timedelta(days=DAYS - 1)
    rows = (
        SourceCount.objects.filter(source=source, hour__gte=dt.datetime.combine(first, dt.time(), dt.UTC))
        .order_by()
        .annotate(day=TruncDay("hour", tzinfo=dt.UTC))
        .values("day")
        .annotate(**{f"all_{name}": Sum(name) for name in COLUMNS})
    )
    found = {row["day"].date(): _counts(row, "all_") for row in rows}
    largest = max((one.total for one in found.values()), default=0) or 1
    days = [first + dt.timedelta(days=number) for number in range(DAYS)]
    return [_day(day, found.get(day, Counts()), largest) for day in days]


def _day(day: dt.date, found: Counts, largest: int) -> Day:
    waits = round(100 * found.quarantined / largest)
    return Day(day, found, round(100 * found.total / largest) - waits, waits)


def latest_signals(source: Source, *, user: User) -> list[SignalEvent]:
    """The signals of the source that were folded last, as far as `user` may see their accounts."""
    seen = Q(account=None) | Q(account__in=Account.objects.for_user(user).values("pk"))
    rows: Any = SignalEvent.objects.for_user(user).filter(seen, source=source)
    return list(rows.select_related("account", "product_user").order_by("-id")[:SIGNALS])


def latest_names(source: Source) -> list[EventName]:
    """The event names that came last."""
    return list(EventName.objects.filter(source=source).exclude(name="").order_by("-last_seen_at")[:NAMES])


def linked(source: Source) -> int:
    """Accounts whose id there is known."""
    return ExternalId.objects.filter(source=source).values("account").distinct().count()


def unknown(source: Source) -> int:
    """Account ids that wait in quarantine."""
    rows = QuarantinedItem.objects.filter(source=source, reason=QuarantinedItem.Reason.UNKNOWN_ACCOUNT).order_by()
    return rows.values("group_value").distinct().count()


def write_keys(source: Source) -> list[ApiKey]:
    """The keys with which the source may send, those that still work first."""
    rows = ApiKey.objects.filter(source=source, scope=ApiKey.Scope.INGEST)
    return sorted(rows, key=lambda key: (key.revoked_at is not None, -key.pk))
