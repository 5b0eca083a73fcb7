import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from accounts.events.subscriptions import subscribe
from accounts.foundation import audit, bell
from accounts.foundation.lanes import lane
from accounts.ingestion.models import Feature, InboxRequest, QuarantinedItem
from accounts.portfolio.models import AccountEvent
from accounts.workspace.models import Source

REPLAYED_AT_ONCE = 500


def accept(body: bytes, *, call: str, source: Source, at: dt.datetime) -> InboxRequest:
    """Stores one request and rings; when this returns, the signals in it cannot get lost."""
    with transaction.atomic():
        request = InboxRequest.objects.create(source=source, call=call, received_at=at, body=body)
        bell.ring()
    return request


@transaction.atomic
def replay(items: Sequence[QuarantinedItem]) -> int:
    """Puts quarantined items back into the inbox as they came; returns how many."""
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
    if items:
        bell.ring()
    return len(items)


def replay_all(waiting: QuerySet[QuarantinedItem]) -> None:
    """Replays all that `waiting` finds, in the order in which it came, a bounded number at a time."""
    while items := list(waiting.order_by("received_at", "id")[:REPLAYED_AT_ONCE]):
        replay(items)


@subscribe("identity.linked", name="replay signals of the new id")
def replay_linked(event: AccountEvent) -> None:
    """What waited for this account id is folded now."""
    with lane("fold"):  # a fold that still saw the id as unknown must have put its items into quarantine first
        replay_all(
            QuarantinedItem.objects.filter(
                source__key=event.data["source"],
                group_value=event.data["value"],
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
