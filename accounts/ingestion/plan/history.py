"""Counting kept events for a feature or a milestone whose event names were chosen later than they came.

Somebody asks for it; the pump does it in pieces of the events' ids. Each piece is one transaction with the note of
how far it has come, and counting an event twice changes nothing: the work may stop anywhere and goes on from there.
"""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F, Max, Min, Sum

from accounts.events import services as events
from accounts.events.models import DirtyAccount
from accounts.foundation import audit, bell, claims
from accounts.foundation.claims import Claimable
from accounts.foundation.lanes import lane
from accounts.ingestion import activity, milestones, ring
from accounts.ingestion.models import EventName, Feature, HistoryCount, Milestone, SignalEvent
from accounts.ingestion.plan import queries

PIECE = 50_000
NAME = "counts of earlier events"


class Gone(ValueError):
    """The entry of the plan was removed meanwhile."""


@dataclass(frozen=True)
class Kept:
    """What is known of the events of these names."""

    count: int
    """As often as they came; some may have been dropped since, or be counted already."""
    first_at: dt.datetime | None


def kept(row: Feature | Milestone) -> Kept:
    """What counting the history of `row` would look at."""
    names = EventName.objects.filter(name__in=row.events).aggregate(count=Sum("count"), first=Min("first_seen_at"))
    return Kept(names["count"] or 0, names["first"])


@transaction.atomic
def ask(row: Feature | Milestone, *, by: Any, at: dt.datetime) -> tuple[HistoryCount, bool]:
    """The counting of earlier events for `row`, and whether it begins now.

    One that is under way goes on, unless the event names have changed since: then it begins again. Gone where `row` is.
    """
    if not type(row).objects.select_for_update().filter(pk=row.pk).exists():
        raise Gone(f"{row} is no longer in the tracking plan.")
    row.refresh_from_db()
    found = row.history_counts.filter(state__in=queries.OPEN).select_for_update().first()
    if found and found.state == Claimable.State.DUE and found.events == row.events:
        return found, False
    if found:
        _begin_again(found, row, by=by, at=at)
    else:
        entry = {str(row._meta.model_name): row}
        found = HistoryCount(events=row.events, asked_at=at, next_attempt_at=at, **entry)
        audit.create(found, verb="history_count.ask", by=by, at=at)
    bell.ring()
    return found, True


def _begin_again(found: HistoryCount, row: Feature | Milestone, *, by: Any, at: dt.datetime) -> None:
    """With a fence of its own: a worker in the midst of a piece of the former names loses its claim."""
    begun: dict[str, Any] = {"events": row.events, "asked_at": at, "after": 0, "upto": None, "counted": 0}
    claimable = {"state": Claimable.State.DUE, "next_attempt_at": at, "tries": 0, "lease_until": None, "error": ""}
    audit.update(found, verb="history_count.ask", by=by, at=at, fence=found.fence + 1, **begun, **claimable)


def advance(*, at: dt.datetime | None = None) -> int:
    """Counts the next piece of each counting that is under way; returns how many were claimed."""
    return claims.carry_out(NAME, at=at)


def _count_piece(count: HistoryCount, at: dt.datetime) -> None:
    """In the lane of the fold: whatever is folded later knows the names already, and is counted as it comes."""
    with lane("fold"):
        upto = count.upto if count.upto is not None else _newest()
        last = _end_of_piece(count.after, upto)
        found = _count(count, after=count.after, last=last, at=at)
        moved = {"after": last, "upto": upto, "counted": F("counted") + found}
        if last < upto:
            claims.postpone(count, until=at, **moved)
        else:
            with claims.concluding(count, ended_at=at, **moved):
                pass


def _end_of_piece(after: int, upto: int) -> int:
    """The id of the last event of the next piece: ids have gaps, and the first ones are long gone."""
    ids = SignalEvent.objects.filter(pk__gt=after, pk__lte=upto).order_by("pk").values_list("pk", flat=True)
    return next(iter(ids[PIECE - 1 : PIECE]), upto)


def _newest() -> int:
    return SignalEvent.objects.order_by().aggregate(newest=Max("pk"))["newest"] or 0


def _count(count: HistoryCount, *, after: int, last: int, at: dt.datetime) -> int:
    """Counts the events between two ids; returns how many there were."""
    rows = SignalEvent.objects.filter(
        pk__gt=after, pk__lte=last, type="track", name__in=count.events, account__isnull=False
    )
    found = list(rows.order_by().values_list("account_id", "product_user_id", "at"))
    changed = _count_uses(count.feature, found) if count.feature else _count_reached(count.milestone_id, found)
    events.mark(changed, DirtyAccount.Pass.FACTS, at=at)
    return len(found)


def _count_uses(feature: Feature, found: Any) -> set[int]:
    uses: activity.Uses = defaultdict(set)
    for account_id, user_id, at in found:
        if user_id:
            uses[account_id, feature.pk].add((user_id, ring.day_number(at.date())))
    activity.store_features(uses)
    return {account_id for account_id, _ in uses}


def _count_reached(milestone_id: Any, found: Any) -> set[int]:
    reached: milestones.Reached = {}
    for account_id, _, at in found:
        key = account_id, milestone_id
        reached[key] = min(at, reached.get(key, at))
    return milestones.store(reached)


claims.work.add(
    NAME, claims.Work(HistoryCount, "count of earlier events", _count_piece, related=("feature", "milestone"))
)
