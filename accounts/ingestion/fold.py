"""The fold: turns stored requests into signals, product users and activity. One lane, one transaction a round."""

import logging
from collections.abc import Iterator

from django.db import InterfaceError, InternalError, OperationalError, transaction
from django.db.models import Q
from django.db.models.functions import Length

from accounts.foundation.lanes import lane
from accounts.foundation.many import among_texts
from accounts.ingestion import services, signals
from accounts.ingestion.batches import Batch, Reason, held
from accounts.ingestion.models import InboxRequest, QuarantinedItem
from accounts.ingestion.settling import settle
from accounts.ingestion.signals import Signal, Unreadable
from accounts.workspace.models import Source

log = logging.getLogger(__name__)

REQUESTS = 100
"""Requests a round: enough to share the cost of a commit, few enough to end soon."""
ROUND_BYTES = 16 * 1024 * 1024
"""A round reads no further than this, or a worker's memory would follow the size of its inbox."""
SLICE = 20_000
"""Signals folded at once: many share the rows of their users, and what is in memory stays bounded."""


def fold(*, limit: int = REQUESTS) -> int:
    """Folds the oldest requests of the inbox; returns how many. Signals that were folded before change nothing."""
    with lane("fold"):
        requests = _oldest(limit)
        for batch in _batches(requests):
            _fold_what_can_be(batch)
        InboxRequest.objects.filter(pk__in=[request.pk for request in requests]).delete()
    return len(requests)


def _oldest(limit: int) -> list[InboxRequest]:
    """The requests of one round: at least one, then as many as fit."""
    taken: list[int] = []
    room = ROUND_BYTES
    sizes = InboxRequest.objects.order_by("id").annotate(size=Length("body")).values_list("pk", "size")
    for pk, size in sizes[:limit]:
        room -= size
        if taken and room < 0:
            break
        taken.append(pk)
    return list(InboxRequest.objects.filter(pk__in=taken).select_related("source").order_by("id"))


def _batches(requests: list[InboxRequest]) -> Iterator[Batch]:
    """The requests' items by source, in the order in which they came."""
    open_batches: dict[int, Batch] = {}
    for request in requests:
        batch = open_batches.setdefault(request.source_id, Batch(request.source))
        batch.latest = max(filter(None, [batch.latest, request.received_at]))
        for item in _items(request):
            batch.admit(item)
        if len(batch.signals) + len(batch.held) >= SLICE:
            yield open_batches.pop(request.source_id)
    yield from open_batches.values()


def _items(request: InboxRequest) -> list[Signal | Unreadable]:
    """What the request holds; where it holds nothing readable, one item that says so."""
    body = bytes(request.body)
    try:
        return signals.items(body, call=request.call, received_at=request.received_at, salt=f"inbox:{request.pk}")
    except Exception as error:  # the doors let nothing through that ends here; it must not stop the lane if they did
        log.exception("Request %s in the inbox cannot be read; it goes to quarantine.", request.pk)
        return [Unreadable("malformed", f"{error}", signals.digest(body), request.received_at, body)]


def _fold_what_can_be(batch: Batch) -> None:
    """Folds `batch`. Where a signal in it cannot be stored, all the others are, and that one goes to quarantine."""
    try:
        with transaction.atomic():
            _fold(batch)
    except (OperationalError, InterfaceError, InternalError):
        raise  # the database, not a signal: the next sweep tries again
    except Exception as error:
        if not batch.signals:
            raise
        log.exception("A batch of %s could not be folded; what is wrong in it is looked for.", batch.source)
        for part in _parts(batch, error):
            _fold_what_can_be(part)


def _parts(batch: Batch, error: Exception) -> list[Batch]:
    if len(batch.signals) > 1:
        middle = len(batch.signals) // 2
        first = Batch(batch.source, batch.signals[:middle], batch.held, batch.latest)
        return [first, Batch(batch.source, batch.signals[middle:], [], batch.latest)]
    [signal] = batch.signals
    row = held(signal, batch.source, Reason.MALFORMED, detail=f"{type(error).__name__}: {error}")
    return [Batch(batch.source, [], [*batch.held, row], batch.latest)]


def _fold(batch: Batch) -> None:
    _replay_tied(batch.source, settle(batch))
    _delivered(batch)


def _replay_tied(source: Source, users: set[str]) -> None:
    """Signals that came before their user was tied to an account are folded in the next round."""
    if users:
        waiting = QuarantinedItem.objects.filter(
            source=source, user_value__in=among_texts(users), reason=Reason.NO_ACCOUNT
        )
        services.replay_all(waiting)


def _delivered(batch: Batch) -> None:
    """Moves the source's last delivery forward; what is replayed came long ago and moves nothing."""
    earlier = Q(last_delivery_at=None) | Q(last_delivery_at__lt=batch.latest)
    Source.objects.filter(earlier, pk=batch.source.pk).update(last_delivery_at=batch.latest)
