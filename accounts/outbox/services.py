"""The one door for what leaves: book it with the change it tells of, and decide about what the machine gave up."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from accounts.foundation import audit, bell
from accounts.foundation.many import among_texts
from accounts.outbox.choices import as_chosen
from accounts.outbox.message import Message, to_stand_ins
from accounts.outbox.models import Delivery, DeliveryBody, WebhookEndpoint
from accounts.outbox.registry import Promise, purposes, transports
from accounts.team.models import User

RECIPIENTS = ("user", "stakeholder", "endpoint")
NEVER = dt.timedelta(days=3650)
"""How far off something lies that waits for a person."""


class NothingToDecide(ValidationError):
    """Somebody decided before, or the machine is not done with it; nothing was changed."""


@transaction.atomic
def book(messages: Sequence[Message], *, at: dt.datetime) -> list[Delivery]:
    """Books messages, in the transaction of the change they tell of; returns the deliveries that are new.

    Whoever stands in for an absent recipient is told instead; in the console both are, one now and one on return.
    Notices go the way that each recipient chose. In as many statements as for one. Two who book the same one at once:
    the second is rolled back.
    """
    messages = as_chosen(to_stand_ins(messages, at=at))
    known = _known(messages)
    fresh = list({one.identity: one for one in messages if one.identity not in known}.values())
    rows = Delivery.objects.bulk_create([_delivery(one, at=at) for one in fresh], batch_size=500)
    bodies = (_body(one, row, at=at) for one, row in zip(fresh, rows, strict=True))
    DeliveryBody.objects.bulk_create(bodies, batch_size=500)
    if any(row.state == Delivery.State.DUE for row in rows):
        bell.ring()
    return rows


def _known(messages: Sequence[Message]) -> set[tuple[Any, ...]]:
    keys = among_texts({one.key for one in messages})
    same = Q(pk__in=())
    for name in RECIPIENTS:
        if any(getattr(one, name) for one in messages):
            same |= Q(**{f"{name}__isnull": False, "key__in": keys})
    return set(Delivery.objects.filter(same).values_list("key", "channel", *(f"{name}_id" for name in RECIPIENTS)))


def _delivery(message: Message, *, at: dt.datetime) -> Delivery:
    transport, purpose = transports[message.channel], purposes[message.purpose]
    row = Delivery(
        purpose=message.purpose,
        key=message.key,
        channel=message.channel,
        account=message.account,
        user=message.user,
        stakeholder=message.stakeholder,
        endpoint=message.endpoint,
        created_at=at,
        next_attempt_at=_first_try(message.endpoint, at=at),
        not_after=message.not_after or at + purpose.lifetime,
    )
    if transport.is_here:
        row.state, row.outcome, row.ended_at, row.not_after = Delivery.State.DONE, Delivery.Outcome.SENT, at, None
    return row


def _first_try(endpoint: WebhookEndpoint | None, *, at: dt.datetime) -> dt.datetime:
    if endpoint is None:
        return at
    if endpoint.state == WebhookEndpoint.State.PAUSED:
        return at + NEVER
    return max(at, endpoint.resting_until or at)


def _body(message: Message, row: Delivery, *, at: dt.datetime) -> DeliveryBody:
    return DeliveryBody(
        delivery=row,
        subject=" ".join(message.subject.split())[:250],
        text=message.text,
        html=message.html,
        link=message.link,
        keep_until=at + transports[message.channel].keep,
    )


@transaction.atomic
def send_again(delivery: Delivery, *, by: Any, at: dt.datetime) -> Delivery:
    """Sends what failed, waited too long or is unknown; on channels whose receivers drop repeats also what was sent."""
    row = _taken(delivery)
    is_repeatable = transports[row.channel].promise == Promise.IDEMPOTENT and not transports[row.channel].is_here
    if row.state == Delivery.State.DUE or (row.state != Delivery.State.DEAD and not is_repeatable):
        raise NothingToDecide(f"This is {row.get_outcome_display().lower()}; it is not sent again.")
    if not DeliveryBody.objects.filter(delivery=row).exists():
        raise NothingToDecide("Its words are no longer kept, so it cannot be sent again.")
    outcome = row.outcome if row.state == Delivery.State.DEAD else Delivery.Outcome.WAITING
    return _decide(
        row,
        "again",
        by=by,
        at=at,
        state=Delivery.State.DUE,
        outcome=outcome,
        tries=0,
        next_attempt_at=at,
        not_after=None,
    )


@transaction.atomic
def it_arrived(delivery: Delivery, *, by: Any, at: dt.datetime) -> Delivery:
    """Says of a delivery of which it was unknown that it arrived."""
    row = _taken(delivery)
    if (row.state, row.outcome) != (Delivery.State.DEAD, Delivery.Outcome.UNKNOWN):
        raise NothingToDecide(f"This is {row.get_outcome_display().lower()}; there is nothing to say about it.")
    said = f"{by} says that it arrived" if by else "Said to have arrived"
    return _decide(
        row, "arrived", by=by, at=at, state=Delivery.State.DONE, outcome=Delivery.Outcome.SENT, receipt=said[:250]
    )


@transaction.atomic
def leave_it(delivery: Delivery, *, by: Any, at: dt.datetime) -> Delivery:
    """Says of a delivery that the machine gave up that it will not be sent."""
    row = _taken(delivery)
    if row.state != Delivery.State.DEAD:
        raise NothingToDecide(f"This is {row.get_outcome_display().lower()}; there is nothing to decide.")
    return _decide(row, "discard", by=by, at=at, state=Delivery.State.DISCARDED)


def _taken(delivery: Delivery) -> Delivery:
    return Delivery.objects.select_for_update().get(pk=delivery.pk)


def _decide(row: Delivery, verb: str, *, by: Any, at: dt.datetime, **values: Any) -> Delivery:
    audit.update(row, verb=f"delivery.{verb}", by=by, at=at, **values)
    bell.ring()
    return row


def read(user: User, *, at: dt.datetime, only: int | None = None) -> int:
    """Notes that `user` has read what is new in the console, or one of it; returns how much that was."""
    rows = Delivery.objects.filter(user=user, channel="in_app", read_at=None, outcome=Delivery.Outcome.SENT)
    return (rows.filter(pk=only) if only else rows).update(read_at=at)
