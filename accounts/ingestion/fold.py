"""The fold: turns stored requests into signals, product users and activity. One lane, one transaction a round."""

import datetime as dt
import logging
import uuid
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db import InterfaceError, InternalError, OperationalError, transaction
from django.db.models import Q
from django.db.models.functions import Length

from accounts.events import services as events
from accounts.events.models import DirtyAccount
from accounts.foundation.clock import now, utc_day
from accounts.foundation.lanes import lane
from accounts.identity.queries import accounts_called
from accounts.ingestion import activity, people, services, signals
from accounts.ingestion.models import InboxRequest, QuarantinedItem, SignalEvent, SignalPayload
from accounts.ingestion.people import People
from accounts.ingestion.signals import Signal, Unreadable
from accounts.stakeholders.models import ProductUser
from accounts.workspace.models import Source

log = logging.getLogger(__name__)

REQUESTS = 100
"""Requests a round: enough to share the cost of a commit, few enough to end soon."""
ROUND_BYTES = 16 * 1024 * 1024
"""A round reads no further than this, or a worker's memory would follow the size of its inbox."""
SLICE = 5_000
"""Signals folded at once; bounds the length of every list in a query."""
KEPT_DAYS = 400
"""Signals older than this are not folded: their repeats could no longer be told."""
AHEAD = dt.timedelta(hours=24)
INTERPRETED = {"track", "identify", "group"}
"""Of these calls we keep what they say; every other one is stored as it came."""
Reason = QuarantinedItem.Reason


@dataclass
class Batch:
    """Signals of one source that are folded together, and items that have to wait."""

    source: Source
    signals: list[Signal] = field(default_factory=list)
    held: list[QuarantinedItem] = field(default_factory=list)
    latest: dt.datetime | None = None


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
            _admit(item, batch)
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


def _admit(item: Signal | Unreadable, batch: Batch) -> None:
    if isinstance(item, Unreadable):
        batch.held.append(_held(item, batch.source, item.reason, detail=item.detail))
    elif item.at < item.received_at - dt.timedelta(days=KEPT_DAYS):
        batch.held.append(_held(item, batch.source, Reason.TOO_OLD, detail=item.at.isoformat()))
    elif item.at > item.received_at + AHEAD:
        batch.held.append(_held(item, batch.source, Reason.FUTURE, detail=item.at.isoformat()))
    else:
        batch.signals.append(item)


def _held(item: Signal | Unreadable, source: Source, reason: str, *, detail: str = "") -> QuarantinedItem:
    held = QuarantinedItem(
        source=source,
        message=item.message,
        reason=reason,
        detail=detail.replace("\x00", "")[:300],
        received_at=item.received_at,
    )
    if isinstance(item, Signal):
        held.group_value, held.user_value, held.item = item.group, item.user, signals.replayable(item)
    else:
        held.item = signals.shown(item.raw)
    return held


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
    held = _held(signal, batch.source, Reason.MALFORMED, detail=f"{type(error).__name__}: {error}")
    return [Batch(batch.source, [], [*batch.held, held], batch.latest)]


def _fold(batch: Batch) -> None:
    new = _new(batch)
    accounts = accounts_called((signal.group for signal in new if signal.group), source=batch.source)
    known = people.named_in(new, source=batch.source)
    used = activity.Used(source=batch.source)
    stored: list[tuple[SignalEvent, Signal]] = []
    held, tied = list(batch.held), []
    for signal in new:
        reason, account_id = _account_of(signal, accounts, known)
        if reason:
            held.append(_held(signal, batch.source, reason))
            continue
        user = known.get(signal.user)
        if user and known.learn(user, signal, account_id):
            tied.append(signal.user)
        if signal.type == "track" and account_id and user:
            used.note(account_id, user, signal.name, signal.happened_at)
        stored.append((_event(signal, batch.source, account_id, user), signal))
    known.save()
    _store(stored)
    QuarantinedItem.objects.bulk_create(held, ignore_conflicts=True, batch_size=500)
    events.mark(used.save(), DirtyAccount.Pass.FACTS, at=now())
    _replay_tied(batch.source, tied)
    _delivered(batch)


def _new(batch: Batch) -> list[Signal]:
    """The batch's signals that were not folded before. Exact, because nobody else is in the lane."""
    by_day: dict[dt.date, dict[uuid.UUID, Signal]] = defaultdict(dict)
    for signal in batch.signals:
        by_day[utc_day(signal.at)].setdefault(signal.message, signal)
    known: set[tuple[dt.date, uuid.UUID]] = set()
    for day, found in by_day.items():
        messages = list(found)
        for start in range(0, len(messages), 500):
            rows = SignalEvent.objects.filter(day=day, source=batch.source, message__in=messages[start : start + 500])
            known.update((day, message) for message in rows.values_list("message", flat=True))
    fresh = {id(signal) for day, found in by_day.items() for name, signal in found.items() if (day, name) not in known}
    return [signal for signal in batch.signals if id(signal) in fresh]


def _account_of(signal: Signal, accounts: dict[str, int], known: People) -> tuple[str | None, int | None]:
    """The account a signal belongs to, or the reason why it has to wait."""
    if signal.group:
        account_id = accounts.get(signal.group)
        return (None, account_id) if account_id else (Reason.UNKNOWN_ACCOUNT, None)
    user = known.get(signal.user)
    if user and user.account_id:
        return None, user.account_id
    if signal.type in ("identify", "alias"):
        return None, None
    return (Reason.NO_ACCOUNT if signal.user else Reason.ANONYMOUS), None


def _event(signal: Signal, source: Source, account_id: int | None, user: ProductUser | None) -> SignalEvent:
    return SignalEvent(
        day=utc_day(signal.at),
        source=source,
        message=signal.message,
        type=signal.type,
        name=signal.name,
        account_id=account_id,
        product_user=user,
        at=signal.at,
    )


def _store(stored: list[tuple[SignalEvent, Signal]]) -> None:
    SignalEvent.objects.bulk_create([event for event, _ in stored], batch_size=1000)
    payloads = [(event, signal) for event, signal in stored if signal.type not in INTERPRETED]
    SignalPayload.objects.bulk_create(
        [SignalPayload(event=event, item=signals.shown(signal.raw)) for event, signal in payloads], batch_size=500
    )


def _replay_tied(source: Source, users: list[str]) -> None:
    """Signals that came before their user was tied to an account are folded in the next round."""
    if users:
        waiting = QuarantinedItem.objects.filter(source=source, user_value__in=users, reason=Reason.NO_ACCOUNT)
        services.replay_all(waiting)


def _delivered(batch: Batch) -> None:
    """Moves the source's last delivery forward; what is replayed came long ago and moves nothing."""
    earlier = Q(last_delivery_at=None) | Q(last_delivery_at__lt=batch.latest)
    Source.objects.filter(earlier, pk=batch.source.pk).update(last_delivery_at=batch.latest)
