"""Counts of what came: event names, and items by source and hour."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from django.db.models import F

from accounts.foundation import many
from accounts.foundation.many import among_texts
from accounts.ingestion.models import EventName, QuarantinedItem, SourceCount
from accounts.workspace.models import Source

MOST_NAMES = 5_000
OTHERS = ""
"""The name of the row that counts what is beyond."""
Span = tuple[int, dt.datetime, dt.datetime]
Received = Iterable[dt.datetime]


class Names:
    """The event names of newly folded signals, gathered in memory and written at once."""

    def __init__(self) -> None:
        self.found: dict[str, list[dt.datetime]] = defaultdict(list)

    def note(self, name: str, at: dt.datetime) -> None:
        """One event of this name."""
        self.found[name].append(at)

    def store(self, source: Source) -> None:
        """Adds them to those that the source sends."""
        if self.found:
            _save_names({name: (len(all_), min(all_), max(all_)) for name, all_ in self.found.items()}, source)


def _save_names(found: dict[str, Span], source: Source) -> None:
    names = EventName.objects.filter(source=source)
    known = _known_names(found, source)
    new = [name for name in found if name not in known]
    if new:
        room = max(0, MOST_NAMES - names.exclude(name=OTHERS).count())
        for name in new[room:]:
            found[OTHERS] = _joined(found.get(OTHERS), found.pop(name))
        known |= _known_names([OTHERS], source)
    fresh = [(source.pk, name, *span, False) for name, span in found.items() if name not in known]
    many.write(EventName, ("source_id", "name", "count", "first_seen_at", "last_seen_at", "is_ignored"), fresh)
    moved = [(known[name][0], *_joined(known[name][1], span)) for name, span in found.items() if name in known]
    many.change(EventName, ("count", "first_seen_at", "last_seen_at"), moved)


def _known_names(names: Iterable[str], source: Source) -> dict[str, tuple[int, Span]]:
    rows = EventName.objects.filter(source=source, name__in=among_texts(names))
    found = rows.values_list("name", "pk", "count", "first_seen_at", "last_seen_at")
    return {name: (pk, (count, first, last)) for name, pk, count, first, last in found}


def _joined(one: Span | None, other: Span) -> Span:
    return (one[0] + other[0], min(one[1], other[1]), max(one[2], other[2])) if one else other


def count_items(source: Source, *, came: Received, accepted: Received, quarantined: Received) -> None:
    """Adds items, each told by the instant at which it came, to the counts of the source's hours.

    What is neither accepted nor new in quarantine had come before.
    """
    total, good, waiting = _by_hour(came), _by_hour(accepted), _by_hour(quarantined)
    for hour in sorted(total):
        repeated = total[hour] - good[hour] - waiting[hour]
        counts = {"accepted": good[hour], "repeated": repeated, "quarantined": waiting[hour]}
        row = SourceCount.objects.filter(source=source, hour=hour)
        if not row.update(**{name: F(name) + count for name, count in counts.items()}):
            SourceCount.objects.create(source=source, hour=hour, **counts)


def uncount_quarantined(items: Sequence[QuarantinedItem]) -> None:
    """Takes items that go back into the inbox off the counts: the fold counts them again as what they become."""
    for source_id in {item.source_id for item in items}:
        hours = _by_hour(item.received_at for item in items if item.source_id == source_id)
        for hour, count in hours.items():
            row = SourceCount.objects.filter(source=source_id, hour=hour, quarantined__gte=count)
            row.update(quarantined=F("quarantined") - count)


def _by_hour(received: Received) -> Counter[dt.datetime]:
    found: Counter[dt.datetime] = Counter()
    for at, count in Counter(received).items():
        found[at.replace(minute=0, second=0, microsecond=0)] += count
    return found
