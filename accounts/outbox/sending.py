"""Carrying out a claimed delivery: ask the gates, write the attempt down, send outside of any transaction, conclude."""

import datetime as dt

from django.db.models import Q

from accounts.foundation import claims
from accounts.foundation.clock import now
from accounts.outbox.models import Delivery, DeliveryAttempt, DeliveryBody
from accounts.outbox.registry import (
    Held,
    NotSent,
    Previewed,
    Promise,
    Refused,
    Stopped,
    Transport,
    Verdict,
    asked,
    purposes,
    transports,
)
from accounts.portfolio.events import happened
from accounts.workspace.queries import workspace

TRIES = 12
"""With doubling waits: most of a day."""
Outcome = Delivery.Outcome


class Expired(claims.Permanent):
    """The delivery waited for longer than it is worth sending."""


def carry_out(delivery: Delivery, at: dt.datetime) -> None:
    """Sends one claimed delivery, or ends or postpones it for a reason that it then carries."""
    transport = transports[delivery.channel]
    if _was_interrupted(delivery) and _settled(delivery, transport, at):
        return
    if delivery.not_after and at > delivery.not_after and not delivery.is_decided_by_a_person:
        raise Expired("It waited for too long to be sent without a person's consent.")
    verdict, attempt = _begin(delivery, transport, at)
    if verdict is not None:
        _stopped(delivery, verdict, at)
        return
    try:
        receipt = transport.send(delivery, at)
    except claims.ClaimLost:
        raise
    except Stopped as stopped:
        with claims.fenced(delivery):
            _close_attempts(delivery, stopped.verdict.reason)
        _stopped(delivery, stopped.verdict, at)
    except Exception as error:
        _failed(delivery, transport, attempt, error, at)
    else:
        _sent(delivery, receipt, at)


def _was_interrupted(delivery: Delivery) -> bool:
    """Whether an earlier worker ended between writing an attempt down and noting its end."""
    return delivery.attempts.filter(ended_at=None).exists()


def _settled(delivery: Delivery, transport: Transport, at: dt.datetime) -> bool:
    """Whether an interrupted delivery ends here: it is known to have arrived, or must not be sent again."""
    if transport.promise == Promise.NEVER_TWICE:
        _unknown(delivery, "Its worker ended before an answer came.", at)
        return True
    if transport.look_up and (receipt := transport.look_up(delivery)):
        _sent(delivery, receipt, at)
        return True
    return False


def _begin(delivery: Delivery, transport: Transport, at: dt.datetime) -> tuple[Verdict | None, DeliveryAttempt | None]:
    """Asks the gates and, where they let it pass, writes the attempt down: both at once."""
    mode = workspace().outbound_mode
    with claims.fenced(delivery, mode=mode):
        if verdict := asked(delivery, at):
            return verdict, None
        delivery.attempts.filter(ended_at=None).update(ended_at=at, answer="Its worker ended before an answer came.")
        DeliveryBody.objects.filter(delivery=delivery).update(address=transport.address(delivery)[:254])
        return None, DeliveryAttempt.objects.create(delivery=delivery, began_at=now())


def _stopped(delivery: Delivery, verdict: Verdict, at: dt.datetime) -> None:
    if isinstance(verdict, Held):
        claims.postpone(delivery, until=verdict.until, reason=verdict.reason[:250])
        return
    outcome = Outcome.PREVIEWED if isinstance(verdict, Previewed) else Outcome.REFUSED
    with claims.concluding(delivery, outcome=outcome, reason=verdict.reason[:250], ended_at=at):
        if isinstance(verdict, Refused) and delivery.stakeholder_id:
            _tell(delivery, "delivery.refused", at, reason=verdict.reason)


def _sent(delivery: Delivery, receipt: str, at: dt.datetime) -> None:
    values = {"outcome": Outcome.SENT, "receipt": receipt[:250], "reason": "", "ended_at": now()}
    with claims.concluding(delivery, **values):
        _close_attempts(delivery, receipt)
        if delivery.stakeholder_id:
            _tell(delivery, "delivery.sent", at)


def _failed(
    delivery: Delivery, transport: Transport, attempt: DeliveryAttempt | None, error: Exception, at: dt.datetime
) -> None:
    """Notes a failed try, and raises it again unless the delivery may have arrived where none may arrive twice."""
    if transport.promise == Promise.NEVER_TWICE and not isinstance(error, (NotSent, claims.Permanent)):
        _unknown(delivery, str(error) or type(error).__name__, at)
        return
    with claims.fenced(delivery):
        _close_attempts(delivery, str(error) or type(error).__name__)
        transport.failed(delivery, error, at)
    raise error


def _unknown(delivery: Delivery, why: str, at: dt.datetime) -> None:
    dead = {"state": Delivery.State.DEAD, "failed_at": at, "error": why[:2000]}
    with claims.concluding(delivery, outcome=Outcome.UNKNOWN, ended_at=at, **dead):
        _close_attempts(delivery, why)
        _tell(delivery, "delivery.unknown", at)


def _close_attempts(delivery: Delivery, answer: str) -> None:
    delivery.attempts.filter(ended_at=None).update(ended_at=now(), answer=answer[:250])


def _tell(delivery: Delivery, kind: str, at: dt.datetime, **data: str) -> None:
    """Tells the account's timeline; what goes to other systems is not told, or telling them would never end."""
    if delivery.account:
        happened(kind, delivery.account, by=None, at=at, subject=delivery, channel=delivery.channel, **data)


def _gave_up(delivery: Delivery, at: dt.datetime) -> None:
    """Says what became of a delivery that is tried no more."""
    outcome, row = Outcome.FAILED, Delivery.objects.get(pk=delivery.pk)
    if _was_interrupted(delivery) and transports[delivery.channel].promise == Promise.NEVER_TWICE:
        outcome = Outcome.UNKNOWN
    elif row.error.startswith(Expired.__name__):
        outcome = Outcome.LATE
    _close_attempts(delivery, "Its worker ended before an answer came.")
    Delivery.objects.filter(pk=delivery.pk).update(outcome=outcome, ended_at=at)
    if outcome == Outcome.UNKNOWN:
        _tell(delivery, "delivery.unknown", at)
    elif delivery.stakeholder_id:
        _tell(delivery, "delivery.failed", at)


def _described(delivery: Delivery) -> str:
    purpose = purposes[delivery.purpose].label if delivery.purpose in purposes else delivery.purpose
    return f"{transports[delivery.channel].label} to {delivery.recipient} ({purpose.lower()})"


claims.work.add(
    "deliveries",
    claims.Work(
        Delivery,
        "delivery",
        carry_out,
        related=("account", "user", "stakeholder", "endpoint", "body"),
        describe=_described,
        tries=TRIES,
        gave_up=_gave_up,
        may_repeat=Q(outcome=Outcome.UNKNOWN),
    ),
)
