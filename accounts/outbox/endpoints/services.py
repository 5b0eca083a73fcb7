"""Endpoints of other systems: made with a secret that is shown once, tested, paused, resumed, switched off."""

import base64
import datetime as dt
import secrets
from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.foundation import audit, bell
from accounts.foundation.keys import short_random
from accounts.foundation.sealing import Resealed, Unreadable, keepers, reseal, seal
from accounts.outbox import http, services
from accounts.outbox.endpoints.events import composed
from accounts.outbox.http.addresses import refuse_private
from accounts.outbox.models import Delivery, WebhookEndpoint
from accounts.portfolio.events import kinds as event_kinds

OVERLAP = dt.timedelta(hours=24)
"""For so long the secret before a rotation signs along."""


@transaction.atomic
def create(
    *, name: str, url: str, by: Any, at: dt.datetime, kinds: Collection[str] = ()
) -> tuple[WebhookEndpoint, str]:
    """A new endpoint that hears of these kinds of events (none given: of every kind), and its secret.

    Nobody can read the secret again.
    """
    secret = _new_secret()
    endpoint = WebhookEndpoint(
        name=name.strip(), url=url.strip(), kinds=_known(kinds), secret=seal(secret), created_at=at
    )
    _check(endpoint)
    return audit.create(endpoint, verb="webhook.create", by=by, at=at), secret


@transaction.atomic
def change(endpoint: WebhookEndpoint, *, by: Any, at: dt.datetime, **values: Any) -> WebhookEndpoint:
    """Sets the name, the address or the kinds."""
    fresh = _taken(endpoint)
    if "kinds" in values:
        values["kinds"] = _known(values["kinds"])
    draft = WebhookEndpoint.objects.get(pk=fresh.pk)
    for field, value in values.items():
        setattr(draft, field, value)
    _check(draft)
    audit.update(fresh, verb="webhook.change", by=by, at=at, **values)
    return fresh


def _check(endpoint: WebhookEndpoint) -> None:
    try:
        refuse_private(endpoint.url)
    except http.Forbidden as refused:
        raise ValidationError({"url": str(refused)}) from None
    endpoint.full_clean()
    if WebhookEndpoint.objects.filter(name__iexact=endpoint.name).exclude(pk=endpoint.pk).exists():
        raise ValidationError({"name": f"There is an endpoint called {endpoint.name}. Choose another name."})


def _known(kinds: Collection[str]) -> list[str]:
    unknown = sorted(set(kinds) - set(event_kinds))
    if unknown:
        raise ValidationError({"kinds": f"There is no kind of event called {unknown[0]}."})
    return sorted(set(kinds))


@transaction.atomic
def rotate(endpoint: WebhookEndpoint, *, by: Any, at: dt.datetime) -> str:
    """A new secret, shown this once; the one before signs along for a day, so that no receiver misses a message."""
    fresh, secret = _taken(endpoint), _new_secret()
    audit.update(
        fresh,
        verb="webhook.rotate",
        by=by,
        at=at,
        secret=seal(secret),
        previous_secret=fresh.secret,
        previous_until=at + OVERLAP,
    )
    return secret


@transaction.atomic
def pause(endpoint: WebhookEndpoint, *, by: Any, at: dt.datetime) -> WebhookEndpoint:
    """Lets what is booked for the endpoint wait until somebody resumes it."""
    fresh = _taken(endpoint)
    if fresh.state != WebhookEndpoint.State.ACTIVE:
        raise ValidationError(f"{fresh} is {fresh.get_state_display().lower()} already.")
    audit.update(fresh, verb="webhook.pause", by=by, at=at, state=WebhookEndpoint.State.PAUSED)
    _move_waiting(fresh, to=at + services.NEVER)
    return fresh


@transaction.atomic
def resume(endpoint: WebhookEndpoint, *, by: Any, at: dt.datetime) -> WebhookEndpoint:
    """Sends again, and first what waited. Also an endpoint that was switched off or is left alone for a while."""
    fresh = _taken(endpoint)
    active = {"state": WebhookEndpoint.State.ACTIVE, "disabled_reason": "", "failures": 0, "resting_until": None}
    audit.update(fresh, verb="webhook.resume", by=by, at=at, **active)
    _move_waiting(fresh, to=at)
    return fresh


@transaction.atomic
def switch_off(endpoint: WebhookEndpoint, *, by: Any, at: dt.datetime) -> WebhookEndpoint:
    """Nothing is booked for it any more, and what waits for it is not sent. What was sent stays on record."""
    fresh = _taken(endpoint)
    off = {"state": WebhookEndpoint.State.DISABLED, "disabled_reason": "Switched off by hand."}
    audit.update(fresh, verb="webhook.switch_off", by=by, at=at, **off)
    _move_waiting(fresh, to=at)
    return fresh


def _taken(endpoint: WebhookEndpoint) -> WebhookEndpoint:
    return WebhookEndpoint.objects.select_for_update().get(pk=endpoint.pk)


def _move_waiting(endpoint: WebhookEndpoint, *, to: dt.datetime) -> None:
    Delivery.objects.filter(endpoint=endpoint, state=Delivery.State.DUE).update(next_attempt_at=to)
    bell.ring()


def test(endpoint: WebhookEndpoint, *, by: Any, at: dt.datetime) -> Delivery:
    """Books a call that says only that it is a test; it goes out in every outbound mode."""
    text = composed("test.sent", at, endpoint=endpoint.name, asked_by=getattr(by, "username", None))
    message = services.Message(
        purpose="test",
        key=f"test:{at.isoformat()}:{short_random()}",
        channel="webhook",
        subject="Test",
        text=text,
        endpoint=endpoint,
    )
    [delivery] = services.book([message], at=at)
    return delivery


def _new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


@keepers.register("webhook endpoints")
def reseal_all(by: Any, at: dt.datetime) -> Resealed:
    """Seals the secrets of every endpoint again under the first key; harmless when repeated or cut short."""
    found = Resealed()
    for pk in list(WebhookEndpoint.objects.order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            row = WebhookEndpoint.objects.select_for_update().get(pk=pk)
            held = {name: getattr(row, name) for name in sorted(WebhookEndpoint.SECRET) if getattr(row, name)}
            try:
                again = {name: reseal(sealed) for name, sealed in held.items()}
            except Unreadable:
                found.unreadable.append(row.name)
                continue
            audit.update(row, verb="webhook.reseal", by=by, at=at, **again)
            found.done += len(again)
    return found
