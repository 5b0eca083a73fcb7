import datetime as dt
import logging
from collections.abc import Iterable

from django.db import transaction

from accounts.events.models import DirtyAccount, Reaction
from accounts.events.subscriptions import subscribed, subscribers
from accounts.foundation import bell, claims
from accounts.portfolio import events as portfolio_events
from accounts.portfolio.models import AccountEvent

log = logging.getLogger(__name__)

LEASE = dt.timedelta(minutes=2)
BATCH = 200


@portfolio_events.sinks.register("reactions and dirty marks")
def book(event: AccountEvent) -> None:
    """Books what follows from `event`: a reaction per subscriber, and a dirty mark where a fact may change."""
    Reaction.objects.bulk_create(
        Reaction(event=event, subscriber=name, next_attempt_at=event.recorded_at) for name in subscribed(event.kind)
    )
    if portfolio_events.kinds[event.kind].changes_facts:
        mark([event.account_id], DirtyAccount.Pass.FACTS, at=event.recorded_at)
    bell.ring()


def mark(account_ids: Iterable[int], what: str, *, at: dt.datetime, cause: str = "data") -> None:
    """Notes that these accounts must be looked at by the pass `what`, and rings."""
    DirtyAccount.objects.bulk_create(
        DirtyAccount(account_id=account_id, what=what, at=at, cause=cause) for account_id in account_ids
    )
    bell.ring()


def take(what: str, *, limit: int) -> list[DirtyAccount]:
    """The oldest marks of pass `what`, deleted. Call it inside the lane that handles them."""
    marks = list(DirtyAccount.objects.filter(what=what).order_by("id")[:limit])
    DirtyAccount.objects.filter(pk__in=[mark.pk for mark in marks]).delete()
    return marks


def react(*, at: dt.datetime) -> int:
    """Carries out the due reactions; returns how many were claimed."""
    due = claims.due(Reaction.objects.all(), at=at).select_related("event__account").order_by("next_attempt_at", "id")
    return sum(_react(reaction, at=at) for reaction in due[:BATCH])


def _react(reaction: Reaction, *, at: dt.datetime) -> int:
    if not claims.claim(reaction, at=at, lease=LEASE):
        return 0
    try:
        with transaction.atomic():
            subscribers[reaction.subscriber](reaction.event)
            if not claims.finish(reaction):
                raise ClaimLost
    except ClaimLost:
        log.warning("The claim on %s was lost; its effect was rolled back.", reaction)
    except Exception as error:  # one poisoned event must not stop the others
        log.exception("Reaction %s failed.", reaction)
        claims.fail(reaction, error=f"{type(error).__name__}: {error}", at=at)
    return 1


class ClaimLost(RuntimeError):
    """Another worker took the row because our lease ran out."""
