from typing import Any

from django.db.models import Q, QuerySet

from accounts.foundation.clock import now
from accounts.foundation.many import among
from accounts.outbox.models import Delivery, DeliveryBody

BATCH = 1_000


def forget() -> int:
    """Deletes the words that are kept no longer, and what other systems were sent along with them; returns how many.

    What was sent to people stays on record, without its words.
    """
    gone = 0
    while ids := list(_expired().values_list("pk", flat=True)[:BATCH]):
        DeliveryBody.objects.filter(pk__in=among(ids)).delete()
        machines = Delivery.objects.filter(pk__in=among(ids), endpoint__isnull=False)
        machines.exclude(state__in=(Delivery.State.DUE, Delivery.State.DEAD)).delete()
        gone += len(ids)
    return gone


def _expired() -> QuerySet[Any]:
    waiting = Q(delivery__state=Delivery.State.DUE)
    return DeliveryBody.objects.filter(keep_until__lt=now()).exclude(waiting)
