"""Outgoing webhooks: signed, repeated with one id until they are answered; nobody waits for a slow receiver."""

import datetime as dt
import json

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from standardwebhooks import Webhook

from accounts.foundation import claims
from accounts.foundation.clock import now
from accounts.outbox import services
from accounts.outbox.endpoints import services as endpoints
from accounts.outbox.models import Delivery, WebhookEndpoint
from accounts.outbox.transports import webhook
from accounts.portfolio import services as portfolio
from accounts.portfolio.events import Happening, happened_to_many
from tests.accounts.outbox.receiver import Receiver
from tests.factories.accounts import AT, AccountFactory, WebhookEndpointFactory, WorkspaceFactory

pytestmark = pytest.mark.django_db
SECOND, MINUTE, DAY = dt.timedelta(seconds=1), dt.timedelta(minutes=1), dt.timedelta(days=1)


@pytest.fixture
def endpoint(live, receiver) -> WebhookEndpoint:
    return endpoint_at(receiver)


def endpoint_at(receiver: Receiver, **values) -> WebhookEndpoint:
    return endpoints.create(name=values.pop("name", "Warehouse"), url=receiver.url, by=None, at=AT, **values)[0]


def create_account(name="Northwind"):
    return portfolio.create(name=name, by=None, at=AT)


def deliver(at=None) -> Delivery:
    claims.carry_out("deliveries", at=at or now())
    return Delivery.objects.latest("pk")


def failed_once(endpoint) -> Delivery:
    create_account()
    return deliver()


def test_an_event_arrives_signed(live, receiver, boss):
    endpoint, secret = endpoints.create(name="Warehouse", url=receiver.url, by=boss, at=AT)
    account = portfolio.create(name="Northwind", by=boss, at=AT)
    row = deliver()
    [(headers, body)] = receiver.calls
    told = Webhook(secret).verify(body, headers)
    assert told["type"] == "account.created"
    assert told["data"]["account"] == {"key": account.key, "name": "Northwind"}
    assert told["data"]["actor"] == "boss"
    assert headers["content-type"] == "application/json"
    assert (row.outcome, row.account, row.endpoint) == ("sent", account, endpoint)
    assert row.receipt.startswith("Answered 204")
    assert secret not in endpoint.secret


def test_people_in_what_happened_are_named_by_username(endpoint, receiver, boss):
    account = create_account()
    portfolio.assign(account, part="csm", user=boss, by=None, at=AT)
    deliver()
    assert json.loads(receiver.calls[-1][1])["data"]["values"]["user"] == "boss"


def test_only_the_kinds_that_it_asked_for(live, receiver):
    endpoint_at(receiver, kinds=["stage.changed"])
    create_account()
    assert not Delivery.objects.exists()


def test_an_endpoint_that_is_switched_off_hears_nothing(endpoint, receiver):
    create_account()
    endpoints.switch_off(endpoint, by=None, at=AT)
    create_account("Contoso")
    assert deliver().outcome == "refused"
    assert (receiver.calls, Delivery.objects.count()) == ([], 1)


def test_many_events_cost_the_statements_of_one(endpoint):
    costs = []
    for count in (1, 15):
        happenings = [Happening(AccountFactory()) for _ in range(count)]
        with CaptureQueriesContext(connection) as queries:
            happened_to_many("account.changed", happenings, by=None, at=AT)
        costs.append(len(queries))
    assert costs[0] == costs[1]


@pytest.mark.parametrize("trouble", [500, 503, 429, 404])
def test_is_sent_again_with_the_same_id_until_it_is_answered(endpoint, receiver, trouble):
    answers = [trouble, trouble, 200]
    receiver.plan = lambda headers, body: (answers.pop(0), {})
    row = failed_once(endpoint)
    assert (row.state, row.tries) == ("due", 1)
    for _ in range(2):
        waits = Delivery.objects.get().next_attempt_at
        row = deliver(max(waits, endpoint.__class__.objects.get().resting_until))
    assert (row.outcome, row.tries) == ("sent", 3)
    assert len(set(receiver.ids)) == 1
    assert len(receiver.ids) == row.attempts.count() == 3
    endpoint.refresh_from_db()
    assert (endpoint.failures, endpoint.resting_until) == (0, None)


def test_is_sent_again_after_a_time_out(endpoint, receiver, monkeypatch):
    monkeypatch.setattr(
        webhook.http.client.send, "__kwdefaults__", {**webhook.http.client.send.__kwdefaults__, "seconds": 0.3}
    )
    receiver.wait = 0.8
    row = failed_once(endpoint)
    assert "did not answer in time" in row.error
    receiver.wait = 0
    assert deliver(now() + DAY).outcome == "sent"
    assert len(set(receiver.ids)) == 1


def test_a_receiver_that_asks_for_time_gets_it(endpoint, receiver):
    receiver.plan = lambda headers, body: (429, {"retry-after": "1800"})
    failed_once(endpoint)
    endpoint.refresh_from_db()
    assert dt.timedelta(minutes=29) < endpoint.resting_until - now() < dt.timedelta(minutes=31)
    deliver(now() + 5 * MINUTE)
    assert len(receiver.calls) == 1


def test_waits_are_spread(endpoint, receiver):
    waits = {claims.backoff(3) for _ in range(20)}
    assert len(waits) > 1
    assert all(4 * MINUTE <= wait <= 4.5 * MINUTE for wait in waits)


def test_is_given_up_in_the_end(endpoint, receiver):
    receiver.plan = lambda headers, body: (500, {})
    create_account()
    Delivery.objects.update(not_after=None)
    for days in range(12):
        row = deliver(now() + days * DAY)
    assert (row.state, row.outcome, row.attempts.count()) == ("dead", "failed", 12)
    assert len(set(receiver.ids)) == 1


def test_410_switches_the_endpoint_off(endpoint, receiver):
    receiver.plan = lambda headers, body: (410, {})
    row = failed_once(endpoint)
    endpoint.refresh_from_db()
    assert (row.state, endpoint.state, endpoint.disabled_reason) == ("dead", "disabled", "It answered 410 Gone.")
    create_account("Contoso")
    assert Delivery.objects.count() == 1


@pytest.mark.parametrize("status", [301, 302, 308])
def test_a_redirect_is_not_followed_and_named(endpoint, receiver, status):
    with Receiver() as elsewhere:
        receiver.plan = lambda headers, body: (status, {"location": elsewhere.url})
        row = failed_once(endpoint)
    assert (row.state, row.outcome, elsewhere.connects) == ("dead", "failed", 0)
    assert f"points to {elsewhere.url}" in row.error
    assert WebhookEndpoint.objects.get().state == "active"


def test_a_private_address_is_not_called(endpoint, receiver, settings):
    settings.OUTBOUND_ALLOW = []
    row = failed_once(endpoint)
    assert (row.state, receiver.connects) == ("dead", 0)
    assert "OUTBOUND_ALLOW" in row.error


def test_a_worker_that_died_in_the_midst_leaves_one_message_by_its_id(endpoint, receiver, monkeypatch):
    class Killed(BaseException):
        pass

    send = webhook.http.send

    def dying(*args, **kwargs):
        send(*args, **kwargs)
        raise Killed

    create_account()
    monkeypatch.setattr(webhook.http, "send", dying)
    with pytest.raises(Killed):
        deliver()
    monkeypatch.setattr(webhook.http, "send", send)
    Delivery.objects.update(lease_until=None)
    assert deliver().outcome == "sent"
    assert len(receiver.ids) == 2
    assert len(set(receiver.ids)) == 1


def test_a_dead_endpoint_is_left_alone_with_its_backlog(endpoint, receiver):
    with Receiver(500) as dead:
        endpoint_at(dead, name="Dead")
        for number in range(10):
            create_account(f"Account {number}")
        deliver()
        deliver()
    assert (len(dead.calls), len(receiver.calls)) == (1, 10)


def test_a_slow_endpoint_is_left_alone_for_a_while(endpoint, receiver, monkeypatch):
    monkeypatch.setattr(webhook, "SLOW_S", 0.05)
    receiver.wait = 0.1
    for number in range(3):
        create_account(f"Account {number}")
    deliver()
    assert len(receiver.calls) == 1
    deliver(now() + MINUTE)
    assert len(receiver.calls) == 2


def test_paused_it_waits_and_resumed_it_hears_all_of_it(endpoint, receiver):
    endpoints.pause(endpoint, by=None, at=AT)
    create_account()
    deliver(now() + DAY)
    assert receiver.calls == []
    endpoints.resume(endpoint, by=None, at=now())
    assert deliver().outcome == "sent"


def test_what_was_sent_is_sent_again_with_its_id(endpoint, receiver, boss):
    create_account()
    services.send_again(deliver(), by=boss, at=now())
    assert deliver().outcome == "sent"
    assert len(receiver.ids) == 2
    assert len(set(receiver.ids)) == 1


def test_both_secrets_sign_during_a_rotation(live, receiver, boss):
    endpoint, old = endpoints.create(name="Warehouse", url=receiver.url, by=boss, at=AT)
    new = endpoints.rotate(endpoint, by=boss, at=now())
    create_account()
    deliver()
    headers, body = receiver.calls[0]
    assert Webhook(old).verify(body, headers) == Webhook(new).verify(body, headers)
    WebhookEndpoint.objects.update(previous_until=now() - SECOND)
    create_account("Contoso")
    deliver()
    assert len(receiver.calls[1][0]["webhook-signature"].split()) == 1


def test_a_preview_shows_what_would_be_sent(receiver):
    WorkspaceFactory(outbound_mode="preview")
    endpoint = endpoint_at(receiver)
    create_account()
    assert (deliver().outcome, receiver.calls) == ("previewed", [])
    endpoints.test(endpoint, by=None, at=now())
    assert (deliver().outcome, len(receiver.calls)) == ("sent", 1)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"url": "http://10.0.0.5/x"}, "url"),
        ({"url": "ftp://example.com"}, "url"),
        ({"url": "http://[::1]/x"}, "url"),
        ({"kinds": ["weather.changed"]}, "kinds"),
        ({"name": ""}, "name"),
    ],
)
def test_an_endpoint_that_cannot_be_is_refused(change, field, db):
    with pytest.raises(ValidationError) as refused:
        endpoints.create(**{"name": "X", "url": "https://hooks.example.com", "by": None, "at": AT, **change})
    assert field in refused.value.message_dict
    assert not WebhookEndpoint.objects.exists()


def test_names_stand_for_one_endpoint(db):
    first = WebhookEndpointFactory(name="Warehouse")
    with pytest.raises(ValidationError, match="Choose another name"):
        endpoints.create(name="warehouse", url="https://x.example", by=None, at=AT)
    assert endpoints.change(first, name="Warehouse", kinds=[], by=None, at=AT).name == "Warehouse"
