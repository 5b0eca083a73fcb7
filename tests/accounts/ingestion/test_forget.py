"""What is kept for its time goes when that is over."""

import datetime as dt

import pytest
import time_machine

from accounts.foundation.models import AuditEntry
from accounts.ingestion import services
from accounts.ingestion.models import QuarantinedItem, SignalEvent, SignalPayload
from accounts.touches import jobs
from accounts.touches.models import Touch, TouchText
from tests.factories.accounts import (
    AT,
    QuarantinedItemFactory,
    SignalEventFactory,
    SignalPayloadFactory,
    TouchFactory,
    TouchTextFactory,
)

pytestmark = pytest.mark.django_db
OLD, YOUNG = AT - dt.timedelta(days=91), AT - dt.timedelta(days=89)


def test_what_nobody_settled_in_90_days_goes_and_the_trail_says_so() -> None:
    for received_at in (OLD, OLD, YOUNG):
        QuarantinedItemFactory(received_at=received_at)
    assert services.forget(at=AT) == 2
    assert QuarantinedItem.objects.get().received_at == YOUNG
    told = [entry.after for entry in AuditEntry.objects.filter(verb="quarantine.discard")]
    assert [one["because"] for one in told] == ["Nobody settled it in 90 days."] * 2


def test_payloads_go_and_their_events_stay() -> None:
    for at in (OLD, YOUNG, OLD):
        SignalPayloadFactory(event=SignalEventFactory(at=at, day=at.date()))
    assert services.forget(at=AT) == 1
    assert SignalPayload.objects.count() == 2, "one came later, though it is about an earlier day"
    assert SignalEvent.objects.count() == 3


def test_words_go_after_24_months_and_the_touch_stays() -> None:
    for months in (25, 23):
        touch = TouchFactory(happened_at=AT - dt.timedelta(days=30.5 * months))
        TouchTextFactory(touch=touch)
    with time_machine.travel(AT, tick=False):
        assert jobs.forget_words() == 1
    assert TouchText.objects.get().touch_id == touch.pk
    assert Touch.objects.count() == 2
