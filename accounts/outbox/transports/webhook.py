"""Webhooks as Standard Webhooks describes them: signed, with an id that stays the same over every retry."""

import datetime as dt
import email.utils
import hashlib

from standardwebhooks import Webhook

from accounts.foundation.claims import Permanent, backoff
from accounts.foundation.clock import now
from accounts.foundation.sealing import unseal
from accounts.outbox import http
from accounts.outbox.models import Delivery, WebhookEndpoint
from accounts.outbox.registry import Promise, Transport, ask_again, transports

SLOW_S = 2.0
LONGEST_REST = dt.timedelta(hours=1)
GONE, TOO_MANY, UNAVAILABLE = 410, 429, 503


class Rejected(RuntimeError):
    """The endpoint answered, but not with 2xx; it may ask to be left alone for a while."""

    def __init__(self, answer: http.Answer) -> None:
        super().__init__(f"It answered {answer.status}")
        self.answer = answer


class Gone(Permanent):
    """The endpoint says that it exists no longer."""


def message_id(delivery: Delivery) -> str:
    """The webhook-id of a delivery, by which the receiver drops repeats."""
    text = f"{delivery.pk}:{delivery.endpoint_id}:{delivery.key}:{delivery.created_at.isoformat()}"
    return f"msg_{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def _send(delivery: Delivery, at: dt.datetime) -> str:
    endpoint, text = delivery.endpoint, delivery.body.text
    assert endpoint is not None
    ask_again(delivery, at)
    try:
        answer = http.send("POST", endpoint.url, content=text.encode(), headers=_headers(delivery, endpoint, text))
    except http.Forbidden as error:
        raise Permanent(str(error)) from error
    if answer.is_good:
        _well(endpoint, answer, at)
        return f"Answered {answer.status} in {answer.seconds:.1f} s"
    if answer.status == GONE:
        raise Gone("It answered 410: the endpoint exists no longer, and is switched off.")
    if 300 <= answer.status < 400:
        place = answer.headers.get("location", "nowhere")[:120]
        raise Permanent(f"It answered {answer.status} and points to {place}: put that address into the endpoint.")
    raise Rejected(answer)


def _headers(delivery: Delivery, endpoint: WebhookEndpoint, text: str) -> dict[str, str]:
    name, moment = message_id(delivery), now()
    secrets = [endpoint.secret]
    if endpoint.previous_secret and endpoint.previous_until and endpoint.previous_until > moment:
        secrets.append(endpoint.previous_secret)
    return {
        "content-type": "application/json",
        "webhook-id": name,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(Webhook(unseal(secret)).sign(name, moment, text) for secret in secrets),
    }


def _well(endpoint: WebhookEndpoint, answer: http.Answer, at: dt.datetime) -> None:
    """Notes that it answered; one that takes its time is left alone for a while, so that others have their turn."""
    is_slow = answer.seconds > SLOW_S
    is_noted = endpoint.last_answer_at and at - endpoint.last_answer_at < dt.timedelta(minutes=1)
    if is_noted and not endpoint.failures and not is_slow:
        return
    until = at + dt.timedelta(seconds=3 * answer.seconds) if is_slow else None
    rows = WebhookEndpoint.objects.filter(pk=endpoint.pk)
    rows.update(last_answer_at=at, failures=0, resting_until=until)
    if until:
        _rest(endpoint, until)


def _failed(delivery: Delivery, error: Exception, at: dt.datetime) -> None:
    """After a failure the endpoint rests, and with it all that waits for it: nobody else is held up by it."""
    endpoint = delivery.endpoint
    assert endpoint is not None
    rows = WebhookEndpoint.objects.filter(pk=endpoint.pk)
    noted = {"last_failure_at": at, "last_failure": str(error)[:250]}
    if isinstance(error, Gone):
        off = WebhookEndpoint.State.DISABLED
        rows.update(state=off, disabled_reason="It answered 410 Gone.", resting_until=None, **noted)
    elif isinstance(error, Permanent):
        rows.update(**noted)
    else:
        wait = max(min(backoff(min(endpoint.failures + 1, 8)), LONGEST_REST), _asked_for(error))
        rows.update(failures=endpoint.failures + 1, resting_until=at + wait, **noted)
        _rest(endpoint, at + wait)


def _rest(endpoint: WebhookEndpoint, until: dt.datetime) -> None:
    waiting = Delivery.objects.filter(endpoint=endpoint, state=Delivery.State.DUE, next_attempt_at__lt=until)
    waiting.filter(lease_until=None).update(next_attempt_at=until)


def _asked_for(error: Exception) -> dt.timedelta:
    """How long the endpoint asks to be left alone, by its Retry-After: seconds or a date."""
    text = error.answer.headers.get("retry-after", "").strip() if isinstance(error, Rejected) else ""
    if text.isascii() and text.isdigit():
        return min(dt.timedelta(seconds=int(text[:6])), 6 * LONGEST_REST)
    try:
        wait = email.utils.parsedate_to_datetime(text) - now()
    except (TypeError, ValueError):
        return dt.timedelta()
    return min(max(wait, dt.timedelta()), 6 * LONGEST_REST)


def _address(delivery: Delivery) -> str:
    return delivery.endpoint.url[:254] if delivery.endpoint else ""


transports.add(
    "webhook",
    Transport("Webhook", Promise.IDEMPOTENT, _send, _address, failed=_failed, keep=dt.timedelta(days=30)),
)
