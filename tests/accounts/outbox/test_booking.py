"""The one door: a message is booked with its change, once for each occasion, recipient and channel."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.outbox import jobs, services
from accounts.outbox.models import Delivery, DeliveryBody
from accounts.outbox.services import Message
from tests.factories.accounts import (
    AT,
    AccountFactory,
    DeliveryBodyFactory,
    DeliveryFactory,
    StakeholderFactory,
    UserFactory,
    WebhookEndpointFactory,
)

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def message(user=None, **values) -> Message:
    return Message(**{"purpose": "test", "key": "one", "channel": "email", "subject": "Hello", "user": user, **values})


def test_books_a_message_with_its_words():
    user, account = UserFactory(email="a@anchor.example"), AccountFactory()
    [row] = services.book([message(user, account=account, text="Words", subject=" Two\r\nlines ")], at=AT)
    assert (row.state, row.outcome, row.user, row.account) == ("due", "", user, account)
    assert row.not_after == AT + DAY
    assert (row.body.subject, row.body.text) == ("Two lines", "Words")


def test_the_same_occasion_reaches_a_recipient_once_per_channel():
    one, two = UserFactory(), UserFactory()
    assert len(services.book([message(one), message(one), message(two)], at=AT)) == 2
    assert services.book([message(one)], at=AT) == []
    assert len(services.book([message(one, key="two"), message(one, channel="in_app")], at=AT)) == 2
    assert Delivery.objects.count() == DeliveryBody.objects.count() == 4


def test_the_database_keeps_that_promise():
    first = DeliveryFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        DeliveryFactory(user=first.user, key=first.key)
    with pytest.raises(IntegrityError), transaction.atomic():
        DeliveryFactory(stakeholder=StakeholderFactory())


def test_goes_with_the_change_it_tells_of():
    user = UserFactory()
    with transaction.atomic():
        services.book([message(user)], at=AT)
        transaction.set_rollback(True)
    assert not Delivery.objects.exists()


def test_what_stays_here_has_arrived_at_once():
    [row] = services.book([message(UserFactory(), channel="in_app")], at=AT)
    assert (row.state, row.outcome, row.ended_at, row.read_at) == ("done", "sent", AT, None)


def test_many_cost_the_statements_of_one():
    costs = []
    for count in (1, 20):
        messages = [message(UserFactory(), key=f"{count}") for _ in range(count)]
        with CaptureQueriesContext(connection) as queries:
            services.book(messages, at=AT)
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 6


def test_reading_a_notification_counts_once():
    user = UserFactory()
    rows = services.book([message(user, channel="in_app", key=key) for key in "ab"], at=AT)
    services.book([message(UserFactory(), channel="in_app")], at=AT)
    assert services.read(user, at=AT, only=rows[0].pk) == 1
    assert services.read(user, at=AT) == 1
    assert services.read(user, at=AT) == 0


def test_words_go_when_their_time_is_over_and_people_stay_on_record():
    past, future = AT - DAY, dt.datetime(2100, 1, 1, tzinfo=dt.UTC)
    to_person = DeliveryBodyFactory(delivery__state="done", delivery__outcome="sent", keep_until=past).delivery
    machine = DeliveryFactory(user=None, endpoint=WebhookEndpointFactory(), channel="webhook", state="done")
    DeliveryBodyFactory(delivery=machine, keep_until=past)
    waiting = DeliveryBodyFactory(keep_until=past)
    kept = DeliveryBodyFactory(delivery__state="done", keep_until=future)
    assert jobs.forget() == 2
    assert set(DeliveryBody.objects.all()) == {waiting, kept}
    assert set(Delivery.objects.all()) == {to_person, waiting.delivery, kept.delivery}
