"""The tracking plan, and the event names that stand for nothing in it yet."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Count, Max, Min, Sum

from accounts.foundation.claims import Claimable
from accounts.ingestion import mapping
from accounts.ingestion.models import EventName, Feature, HistoryCount, Milestone, PageIntent, SignalEvent

OPEN = [Claimable.State.DUE, Claimable.State.DEAD]
"""States of a counting that goes on, or about which somebody must decide."""
Text = tuple[str, int | None]
"""An event name with how often it came, or the path of a page."""


@dataclass(frozen=True)
class Unmapped:
    """An event name that nobody has mapped, over all sources that send it."""

    name: str
    count: int
    first_seen_at: dt.datetime
    last_seen_at: dt.datetime
    sources: int


def unmapped(*, search: str = "", source: str = "") -> Any:
    """Names that stand for nothing and are not ignored, the most frequent first; as rows of values."""
    plan = mapping.in_force()
    known = {*plan.features, *plan.milestones, ""}
    rows = EventName.objects.filter(is_ignored=False).exclude(name__in=known).order_by()
    if search:
        rows = rows.filter(name__icontains=search.replace("\x00", ""))
    if source:
        rows = rows.filter(source__key=source.replace("\x00", ""))
    return (
        rows.values("name")
        .annotate(total=Sum("count"), first=Min("first_seen_at"), last=Max("last_seen_at"), sources=Count("source"))
        .order_by("-total", "name")
    )


def read(rows: Any) -> list[Unmapped]:
    """Rows of `unmapped` as they are shown."""
    return [Unmapped(row["name"], row["total"], row["first"], row["last"], row["sources"]) for row in rows]


def ignored() -> list[str]:
    """Names that are known to mean nothing."""
    return sorted(set(EventName.objects.filter(is_ignored=True).values_list("name", flat=True)))


def beyond() -> int:
    """How many signals came under names beyond those that are counted one by one."""
    return EventName.objects.filter(name="").aggregate(total=Sum("count"))["total"] or 0


def features() -> list[tuple[Feature, list[Text]]]:
    """Features, core ones first, each with its event names and how often they came."""
    rows = sorted(Feature.objects.all(), key=lambda one: (Feature.Tier.values.index(one.tier), one.name))
    return _with_counts(rows)


def milestones() -> list[tuple[Milestone, list[Text]]]:
    """Milestones, with how many accounts have reached each, and their event names."""
    return _with_counts(Milestone.objects.annotate(accounts=Count("reached")).order_by("name"))


def open_count(row: Feature | Milestone) -> HistoryCount | None:
    """The counting of earlier events for `row` that has not ended, or that was given up."""
    return row.history_counts.filter(state__in=OPEN).first()


def counted_until(count: HistoryCount) -> dt.datetime | None:
    """Of when the event is that a counting looked at last; None where it has not begun, or has ended."""
    if count.state == Claimable.State.DONE or not count.after:
        return None
    rows = SignalEvent.objects.filter(pk__lte=count.after).order_by("-pk")
    return rows.values_list("at", flat=True).first()


def intents() -> list[tuple[PageIntent, list[Text]]]:
    """What visits to pages mean."""
    return [(row, [(path, None) for path in row.paths]) for row in PageIntent.objects.all()]


def _open_counts() -> Any:
    """Shows each entry's counting of earlier events that has not ended as `open_counts`, a list of one or none."""
    rows = HistoryCount.objects.filter(state__in=OPEN)
    return models.Prefetch("history_counts", rows, to_attr="open_counts")


def _with_counts(rows: Iterable[Any]) -> list[tuple[Any, list[Text]]]:
    rows = list(rows)
    models.prefetch_related_objects(rows, _open_counts())
    names = {name for row in rows for name in row.events}
    sums = EventName.objects.filter(name__in=names).order_by().values("name").annotate(total=Sum("count"))
    counts = {one["name"]: one["total"] for one in sums}
    return [(row, [(name, counts.get(name, 0)) for name in row.events]) for row in rows]
