"""When a signal happened: as clients write it, never guessed."""

import datetime as dt
from typing import Any

import pytest
import time_machine

from accounts.ingestion import fold
from accounts.ingestion.models import QuarantinedItem, SignalEvent
from accounts.portfolio.models import Account
from tests.accounts.ingestion.calls import group, track

Post = Any
Deliver = Any


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"timestamp": "2026-3-1T2:30:05Z"}, "2026-03-01T02:30:05"),
        ({"timestamp": "2026-03-01T02:30:05.123+02:00"}, "2026-03-01T00:30:05.123"),
        ({"timestamp": "2026-03-01T02:30:05"}, "2026-03-01T02:30:05"),
        ({"originalTimestamp": "2026-03-01T10:00:00Z", "sentAt": "2026-03-01T10:05:00Z"}, "2026-03-02T11:55:00"),
        ({"sentAt": "2026-03-01T10:05:00Z"}, "2026-03-02T12:00:00"),
        ({}, "2026-03-02T12:00:00"),
    ],
)
def test_instants_are_read_as_clients_write_them(
    northwind: Account, post: Post, fields: dict[str, str], at: str
) -> None:
    with time_machine.travel("2026-03-02T12:00:00Z", tick=False):
        item = group() | {"timestamp": None} | fields
        assert post({"batch": [item]}).status_code == 200
        fold.fold()
    assert SignalEvent.objects.get().at == dt.datetime.fromisoformat(at).replace(tzinfo=dt.UTC)


def test_the_batch_lends_its_sent_at_and_its_context(northwind: Account, post: Post) -> None:
    with time_machine.travel("2026-03-02T12:00:00Z", tick=False):
        item = track() | {"timestamp": None, "originalTimestamp": "2026-03-01T10:00:00Z"}
        post({"batch": [item], "sentAt": "2026-03-01T10:05:00Z", "context": {"groupId": "acct-42"}})
        fold.fold()
    event = SignalEvent.objects.get()
    assert event.at == dt.datetime(2026, 3, 2, 11, 55, tzinfo=dt.UTC)
    assert event.account == northwind


@pytest.mark.parametrize(
    "text", ["10", "Monday", "yesterday", "1700000000000", "2026-13-01T00:00:00Z", "2026-03-01 PST", "9" * 400]
)
def test_an_instant_is_never_guessed(northwind: Account, deliver: Deliver, text: str) -> None:
    deliver(group(), track(timestamp=text))
    found = QuarantinedItem.objects.get()
    assert found.reason == "malformed"
    assert found.detail.startswith("timestamp: ")
