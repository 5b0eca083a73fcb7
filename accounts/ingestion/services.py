import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from accounts.events.subscriptions import subscribe
from accounts.foundation import audit, bell, many
from accounts.foundation.lanes import lane
from accounts.ingestion import intents, tally, visits
from accounts.ingestion.bulk import services as bulk
from accounts.ingestion.models import EventName, Feature, InboxRequest, Milestone, PageIntent, QuarantinedItem
from accounts.portfolio.models import AccountEvent
from accounts.workspace.models import Source

REPLAYED_AT_ONCE = 500


def accept(body: bytes, *, call: str, source: Source, at: dt.datetime) -> None:
    """Stores one request and rings; when this returns, the signals in it cannot get lost."""
    many.put(InboxRequest, source_id=source.pk, call=call, received_at=at, body=body)  # one statement, its own commit
    bell.ring()


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
    feature = Feature.objects.filter(key=key).first()
    if feature:
        audit.update(feature, verb="feature.change", by=by, at=at, name=name, tier=tier, events=events)
        return feature
    feature = Feature(key=key, name=name, tier=tier, events=events)
    feature.full_clean()
    return audit.create(feature, verb="feature.define", by=by, at=at)


@transaction.atomic
def define_milestone(*, key: str, name: str, events: list[str], by: Any, at: dt.datetime) -> Milestone:
    """The milestone `key` of the tracking plan with these event names. Creates or changes it."""
    milestone = Milestone.objects.filter(key=key).first()
    if milestone:
        audit.update(milestone, verb="milestone.change", by=by, at=at, name=name, events=events)
        return milestone
    milestone = Milestone(key=key, name=name, events=events)
    milestone.full_clean()
    return audit.create(milestone, verb="milestone.define", by=by, at=at)


@transaction.atomic
def define_intent(*, key: str, name: str, paths: list[str], by: Any, at: dt.datetime) -> PageIntent:
    """The page intent `key` of the tracking plan with these paths. Creates or changes it."""
    intent = PageIntent.objects.filter(key=key).first()
    if intent:
        audit.update(intent, verb="intent.change", by=by, at=at, name=name, paths=paths)
        return intent
    intent = PageIntent(key=key, name=name, paths=paths)
    intent.full_clean()
    return audit.create(intent, verb="intent.define", by=by, at=at)


@transaction.atomic
def ignore(name: EventName, *, ignored: bool, by: Any, at: dt.datetime) -> EventName:
    """Says that an event name means nothing, or that it may mean something after all."""
    audit.update(name, verb="event_name.ignore", by=by, at=at, is_ignored=ignored)
    return name


def forget_visits(*, at: dt.datetime) -> int:
    """Deletes visits and sessions that were held for their time; returns how many."""
    done = 0
    for rows in (visits.held_too_long(at=at), intents.sessions_of_old(at=at)):
        while keys := list(rows.values_list("pk", flat=True)[:REPLAYED_AT_ONCE]):
            done += rows.model._base_manager.filter(pk__in=keys).delete()[0]
    return done
