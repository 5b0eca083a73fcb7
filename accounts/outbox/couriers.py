"""Couriers: a few threads that carry due deliveries out beside the pump, so that a slow receiver holds up nobody else.

Each endpoint, and each other channel, is a lane on which one delivery is under way at a time.
"""

import logging
import threading
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from accounts.foundation import bell, claims
from accounts.foundation.clock import now
from accounts.outbox.models import Delivery

log = logging.getLogger(__name__)

NAME = "deliveries"


class _Lanes:
    """Which lanes are taken by couriers of this process, and who the couriers are."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.taken: set[tuple[str, int | None]] = set()
        self.couriers: set[threading.Thread] = set()


_lanes = _Lanes()


def deliver() -> int:
    """Sees to it that couriers are under way while anything is due. Without couriers, carries it out itself."""
    if not settings.COURIERS:
        return claims.carry_out(NAME)
    with _lanes.lock:
        _lanes.couriers = {one for one in _lanes.couriers if one.is_alive()}
        missing = min(_free_lanes(), settings.COURIERS - len(_lanes.couriers))
        for _ in range(missing):
            courier = threading.Thread(target=_carry_on, name="holdfast-courier")
            _lanes.couriers.add(courier)
            courier.start()
    return 0


def _free_lanes() -> int:
    """How many lanes have something due, at most as many as there may be couriers."""
    found = _due().values_list("channel", "endpoint_id").order_by().distinct()
    return len(set(found[: settings.COURIERS + len(_lanes.taken)]) - _lanes.taken)


def _due() -> QuerySet[Any]:
    """What may be claimed, without the endpoints to which something is on its way."""
    under_way = Delivery.objects.filter(endpoint__isnull=False, lease_until__gt=Now()).values("endpoint")
    rows = claims.due(Delivery.objects.all(), at=now())
    return rows.filter(Q(endpoint=None) | ~Q(endpoint__in=under_way))


def _carry_on() -> None:
    """One courier: takes the oldest delivery of a free lane until there is none. Ends when its process does.

    Then it rings: what it has put off until later must be known to whoever sets the time of the next round.
    """
    has_carried = False
    try:
        while threading.main_thread().is_alive() and (found := _take()):
            has_carried, (pk, lane) = True, found
            try:
                claims.carry_out(NAME, among=Q(pk=pk), limit=1)
            finally:
                with _lanes.lock:
                    _lanes.taken.discard(lane)
    except Exception:
        log.exception("A courier stopped; the next round of the pump sends another one.")
    finally:
        if has_carried:
            bell.ring()
        connection.close()


def _take() -> tuple[int, tuple[str, int | None]] | None:
    """The oldest due delivery whose lane nobody here is on, with its lane, which is then taken."""
    with _lanes.lock:
        rows = _due().order_by("next_attempt_at", "id")
        for channel, endpoint in _lanes.taken:
            rows = rows.exclude(channel=channel, **({"endpoint": endpoint} if endpoint else {}))
        found = rows.values_list("pk", "channel", "endpoint_id").first()
        if found is None:
            return None
        lane = (found[1], found[2])
        _lanes.taken.add(lane)
        return found[0], lane
