import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import Any, TypeVar

from django.db import connection, transaction
from django.db.models import QuerySet

from accounts.events.subscriptions import subscribe
from accounts.foundation import audit, bell, many
from accounts.foundation.lanes import lane
from accounts.ingestion import intents, tally, visits
from accounts.ingestion.bulk import services as bulk
from accounts.ingestion.models import (
    EventName,
    Feature,
    InboxRequest,
    Milestone,
    PageIntent,
    QuarantinedItem,
    SignalPayload,
)
from accounts.keeping.queries import kept, past
from accounts.keeping.registry import Period, periods
from accounts.portfolio.models import AccountEvent
from accounts.workspace.models import Source

REPLAYED_AT_ONCE = 500
Entry = TypeVar("Entry", Feature, Milestone, PageIntent)


def accept(body: bytes, *, call: str, source: Source, at: dt.datetime) -> None:
    """Stores one request and rings; when this returns, the signals in it cannot get lost."""
    _store(source.pk, call, connection.ops.adapt_datetimefield_value(at), body)
    bell.ring()


def _store(*row: Any) -> None:
    """One statement with its own commit. The body travels beside it: Django would write megabytes as hex digits."""
    text = f'INSERT INTO "{InboxRequest._meta.db_table}" (source_id, call, received_at, body) VALUES (%s, %s, %s, %s)'  # noqa: S608
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            import psycopg

            with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as beside:
                beside.execute(text, row)
        else:
            cursor.execute(text, row)


@transaction.atomic
def replay(items: Sequence[QuarantinedItem], *, by: Any, at: dt.datetime) -> int:
    """Uses quarantined items again because somebody asked; returns how many no longer wait.

    Signals go back into the inbox; bulk items are stored at once where that is possible now.
    """
    for source, reason, count in by_source_and_reason(items):
        audit.record("quarantine.replay", source, by=by, at=at, after={"items": count, "reason": reason})
    signals = [item for item in items if item.kind == QuarantinedItem.Kind.SIGNAL]
    put_back(signals)
    return len(signals) + bulk.retake([item for item in items if item.kind != QuarantinedItem.Kind.SIGNAL])


@transaction.atomic
def discard(items: Sequence[QuarantinedItem], *, because: str, by: Any, at: dt.datetime) -> int:
    """Deletes quarantined items for good; returns how many. The trail keeps their counts and `because`, not them."""
    for source, reason, count in by_source_and_reason(items):
        told = {"items": count, "reason": reason, "because": because}
        audit.record("quarantine.discard", source, by=by, at=at, after=told)
    QuarantinedItem.objects.filter(pk__in=[item.pk for item in items]).delete()
    return len(items)


def by_source_and_reason(items: Sequence[QuarantinedItem]) -> list[tuple[Source, str, int]]:
    """How many of the items each source sent and each reason holds back."""
    counts = Counter((item.source_id, item.get_reason_display()) for item in items)
    sources = Source.objects.in_bulk({source for source, _ in counts})
    return [(sources[source], reason, count) for (source, reason), count in sorted(counts.items())]


@transaction.atomic
def put_back(items: Sequence[QuarantinedItem]) -> None:
    """Moves quarantined signals into the inbox as they came."""
    InboxRequest.objects.bulk_create(
        InboxRequest(
            source_id=item.source_id,
            call="batch",
            received_at=item.received_at,
            body=f'{{"batch":[{item.item}]}}'.encode(),
        )
        for item in items
    )
    QuarantinedItem.objects.filter(pk__in=[item.pk for item in items]).delete()
    tally.uncount_quarantined(items)
    if items:
        bell.ring()


def replay_all(waiting: QuerySet[QuarantinedItem]) -> None:
    """Replays all that `waiting` finds, in the order in which it came, a bounded number at a time."""
    while items := list(waiting.order_by("received_at", "id")[:REPLAYED_AT_ONCE]):
        put_back(items)


@subscribe("identity.linked", name="replay signals of the new id")
def replay_linked(event: AccountEvent) -> None:
    """What waited for this account id is folded now."""
    with lane("fold"):  # a fold that still saw the id as unknown must have put its items into quarantine first
        replay_all(
            QuarantinedItem.objects.filter(
                source__key=event.data["source"],
                group_value=event.data["value"],
                kind=QuarantinedItem.Kind.SIGNAL,
                reason=QuarantinedItem.Reason.UNKNOWN_ACCOUNT,
            )
        )


@transaction.atomic
def define_feature(*, key: str, name: str, tier: str, events: list[str], by: Any, at: dt.datetime) -> Feature:
    """The feature `key` of the tracking plan with these event names. Creates or changes it."""
    return _define(Feature, "feature", key, by=by, at=at, name=name, tier=tier, events=events)


@transaction.atomic
def define_milestone(*, key: str, name: str, events: list[str], by: Any, at: dt.datetime) -> Milestone:
    """The milestone `key` of the tracking plan with these event names. Creates or changes it."""
    return _define(Milestone, "milestone", key, by=by, at=at, name=name, events=events)


@transaction.atomic
def define_intent(*, key: str, name: str, paths: list[str], by: Any, at: dt.datetime) -> PageIntent:
    """The page intent `key` of the tracking plan with these paths. Creates or changes it."""
    return _define(PageIntent, "intent", key, by=by, at=at, name=name, paths=paths)


def _define(model: type[Entry], noun: str, key: str, *, by: Any, at: dt.datetime, **values: Any) -> Entry:
    row = model._default_manager.filter(key=key).first()
    if row:
        audit.update(row, verb=f"{noun}.change", by=by, at=at, **values)
        return row
    row = model(key=key, **values)
    row.full_clean()
    return audit.create(row, verb=f"{noun}.define", by=by, at=at)


@transaction.atomic
def ignore(name: EventName, *, ignored: bool, by: Any, at: dt.datetime) -> EventName:
    """Says that an event name means nothing, or that it may mean something after all."""
    audit.update(name, verb="event_name.ignore", by=by, at=at, is_ignored=ignored)
    return name


def forget(*, at: dt.datetime) -> int:
    """Deletes what was kept for its time: visits, sessions, payloads, and what nobody settled in the quarantine."""
    rows = (visits.held_too_long(at=at), intents.sessions_of_old(at=at), past("payloads", at=at))
    return sum(map(many.delete_all, rows)) + _forget_quarantined(at)


def _forget_quarantined(at: dt.datetime) -> int:
    """Whatever waited for too long goes, with an entry in the trail that says how much of which source."""
    waiting, done = past("quarantine", at=at).order_by("pk"), 0
    because = f"Nobody settled it in {kept('quarantine').days} days."
    while items := list(waiting.defer("item")[:REPLAYED_AT_ONCE]):
        done += discard(items, because=because, by=None, at=at)
    return done


def _payloads_before(instant: dt.datetime) -> QuerySet[Any]:
    """Payloads in the order in which they came, up to the first one of that instant or later."""
    younger = SignalPayload.objects.filter(event__at__gte=instant).order_by("pk").values_list("pk", flat=True).first()
    return SignalPayload.objects.all() if younger is None else SignalPayload.objects.filter(pk__lt=younger)


periods.add(
    "quarantine",
    Period(
        "What waits in quarantine",
        "Signals and rows that nobody settled; the trail keeps how many of which source. What was replayed stays.",
        days=90,
        smallest=7,
        largest=400,
        why="In less than a week somebody on leave could not settle it; after 400 days a repeat could not be told.",
        older=lambda before: QuarantinedItem.objects.filter(received_at__lt=before),
    ),
)
periods.add(
    "payloads",
    Period(
        "Signals as they came",
        "The text of pages, screens and aliases that is not interpreted yet. That they were sent, and when, stays.",
        days=90,
        smallest=1,
        largest=400,
        why="Signals older than 400 days are not taken.",
        older=_payloads_before,
    ),
)
