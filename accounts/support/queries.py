import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Min, Q, Sum

from accounts.foundation.clock import utc_day
from accounts.support.models import OPEN_STATES, SEVEREST, Ticket, TicketReopening

OPEN = Q(state__in=OPEN_STATES)
MONTH, QUARTER, FORTNIGHT = 30, 90, 14


@dataclass(frozen=True)
class Support:
    """The tickets of one account. Windows are whole UTC days: today as far as it has come, and the n days before."""

    open: int
    """Neither solved nor closed; those that wait for the customer count."""
    open_sev1: int
    open_sev2: int
    oldest_open_at: dt.datetime | None
    oldest_open_sev1_at: dt.datetime | None
    opened_14d: int
    opened_30d: int
    opened_30d_before: int
    """In the 30 whole days before those of `opened_30d`."""
    reopened_30d: int
    tags_30d: tuple[str, ...]
    """The tags of the tickets opened in 30 days, by alphabet."""
    csat_90d: float | None
    """The mean of the scores given in 90 days; None where there is none."""
    last_ticket_at: dt.datetime
    first_seen_at: dt.datetime
    """When its first ticket was opened: from then on silence of a live source is a real zero."""
    source_ids: frozenset[int]
    """The help desks that know the account."""


def support_of(account_ids: Sequence[int], *, at: dt.datetime) -> dict[int, Support]:
    """What the tickets of each account come to; accounts that never had one are missing."""
    rows: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in _sums(account_ids, at=at):
        rows[row["account"]].append(row)
    reopened, tags = _reopened(account_ids, at=at), _tags(account_ids, at=at)
    return {pk: _support(found, reopened.get(pk, 0), tags.get(pk, set())) for pk, found in rows.items()}


def _within(field: str, days: int, *, at: dt.datetime, before: int = 0) -> Q:
    """Whether the instant `field` falls on today or the `days` days before; or on `days` days ending `before` days ago.

    The window ends with today, or with the day before the window of `before` days began.
    """
    today = dt.datetime.combine(utc_day(at), dt.time(), dt.UTC)
    day = dt.timedelta(days=1)
    ends = today - before * day if before else today + day
    starts = (ends if before else today) - days * day
    return Q(**{f"{field}__gte": starts, f"{field}__lt": ends})


def _sums(account_ids: Sequence[int], *, at: dt.datetime) -> Iterable[Any]:
    rated = _within("satisfaction_at", QUARTER, at=at)
    rows = Ticket.objects.filter(account__in=account_ids).values("account", "source").order_by()
    return rows.annotate(
        open=Count("pk", filter=OPEN),
        open_sev1=Count("pk", filter=OPEN & Q(severity=SEVEREST)),
        open_sev2=Count("pk", filter=OPEN & Q(severity=SEVEREST + 1)),
        oldest_open_at=Min("opened_at", filter=OPEN),
        oldest_open_sev1_at=Min("opened_at", filter=OPEN & Q(severity=SEVEREST)),
        opened_14d=Count("pk", filter=_within("opened_at", FORTNIGHT, at=at)),
        opened_30d=Count("pk", filter=_within("opened_at", MONTH, at=at)),
        opened_30d_before=Count("pk", filter=_within("opened_at", MONTH, at=at, before=MONTH)),
        scores=Count("satisfaction", filter=rated),
        score_sum=Sum("satisfaction", filter=rated),
        last_ticket_at=Max("opened_at"),
        first_seen_at=Min("opened_at"),
    )


def _reopened(account_ids: Sequence[int], *, at: dt.datetime) -> dict[int, int]:
    rows = TicketReopening.objects.filter(_within("at", MONTH, at=at), ticket__account__in=account_ids)
    return dict(rows.order_by().values_list("ticket__account").annotate(count=Count("pk")))


def _tags(account_ids: Sequence[int], *, at: dt.datetime) -> dict[int, set[str]]:
    rows = Ticket.objects.filter(_within("opened_at", MONTH, at=at), account__in=account_ids).exclude(tags=[])
    found: dict[int, set[str]] = defaultdict(set)
    for account_id, tags in rows.order_by().values_list("account", "tags"):
        found[account_id].update(tags)
    return found


def _support(rows: list[dict[str, Any]], reopened: int, tags: set[str]) -> Support:
    """The sums of several help desks as one."""
    scores = sum(row["scores"] for row in rows)
    counted = ("open", "open_sev1", "open_sev2", "opened_14d", "opened_30d", "opened_30d_before")
    return Support(
        **{name: sum(row[name] for row in rows) for name in counted},
        oldest_open_at=_oldest(rows, "oldest_open_at"),
        oldest_open_sev1_at=_oldest(rows, "oldest_open_sev1_at"),
        reopened_30d=reopened,
        tags_30d=tuple(sorted(tags)),
        csat_90d=sum(row["score_sum"] or 0 for row in rows) / scores if scores else None,
        last_ticket_at=max(row["last_ticket_at"] for row in rows),
        first_seen_at=min(row["first_seen_at"] for row in rows),
        source_ids=frozenset(row["source"] for row in rows),
    )


def _oldest(rows: list[dict[str, Any]], name: str) -> dt.datetime | None:
    return min(filter(None, (row[name] for row in rows)), default=None)
