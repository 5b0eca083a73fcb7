"""The Segment protocol as clients speak it: what a browser asks first, large requests, what a batch lends its items."""

import datetime as dt
import gzip
import json
from typing import Any

import pytest
from django.db import DatabaseError, InterfaceError, OperationalError
from django.test import Client

from accounts.foundation.clock import now
from accounts.ingestion import wire
from accounts.ingestion.fold import fold
from accounts.ingestion.models import InboxRequest, QuarantinedItem, SignalEvent
from accounts.portfolio.models import Account
from accounts.team import keys
from tests.accounts.ingestion.calls import group, track

Post = Any
Deliver = Any
HOUR = dt.timedelta(hours=1)


@pytest.mark.parametrize("path", ["b", "batch", "t", "i", "p", "g", "a", "screen"])
def test_a_browser_may_ask_at_every_door(client: Client, db: Any, path: str) -> None:
    response = client.options(f"/v1/{path}", headers={"Origin": "https://app.example"})
    assert response.status_code == 204
    assert {"authorization", "content-type"} <= set(response["Access-Control-Allow-Headers"].split(", "))


def test_a_browser_sends_plain_text_with_the_key_inside(post: Post, ingest_key: str) -> None:
    body = json.dumps(track() | {"writeKey": ingest_key})
    headers = {"Origin": "https://app.example", "Content-Encoding": "identity"}
    response = post(body, "t", key=None, content_type="text/plain;charset=UTF-8", headers=headers)
    assert (response.status_code, response.json()) == (200, {"success": True, "accepted": 1})
    assert response["Access-Control-Allow-Origin"] == "*"


def test_gzip_that_calls_itself_a_form_is_read_as_json(northwind: Account, post: Post) -> None:
    body = gzip.compress(json.dumps({"batch": [group(), track()]}).encode())
    response = post(body, content_type="application/x-www-form-urlencoded", headers={"Content-Encoding": "gzip"})
    assert response.json() == {"success": True, "accepted": 2}
    assert fold() == 1
    assert SignalEvent.objects.count() == 2


def test_a_large_request_keeps_its_good_items(northwind: Account, post: Post) -> None:
    items = [track(properties={"text": "x" * 20_000}, messageId=f"m{number}") for number in range(80)]
    items[40] = track(properties={"text": "x" * 40_000})
    body = json.dumps({"batch": [group(), *items]})
    assert 1_600_000 < len(body) < wire.MAX_RAW
    answer = post(body).json()
    assert answer["accepted"] == 80
    assert [problem["code"] for problem in answer["quarantined"]] == ["too_large"]
    fold()
    assert SignalEvent.objects.filter(type="track").count() == 79
    assert QuarantinedItem.objects.get().reason == "too_large"


@pytest.mark.parametrize("error", [OperationalError, InterfaceError, DatabaseError])
@pytest.mark.parametrize("when", ["identify", "seen"])
def test_a_database_that_is_away_is_503_with_retry_after(
    post: Post, monkeypatch: pytest.MonkeyPatch, error: type[Exception], when: str
) -> None:
    def fail(*args: Any, **options: Any) -> None:
        raise error("server closed the connection unexpectedly")

    monkeypatch.setattr(keys, when, fail)
    response = post({"batch": [track()]})
    assert response.status_code == 503
    assert response.json().keys() == {"code", "message"}
    assert int(response["Retry-After"]) > 0


@pytest.mark.parametrize(
    ("item", "sent", "ago"),
    [
        ({"timestamp": -2}, 0, 2),
        ({"timestamp": -2, "originalTimestamp": -7}, 0, 2),
        ({"originalTimestamp": -3}, 0, 3),
        ({"originalTimestamp": -3, "sentAt": -1}, 0, 2),
        ({"originalTimestamp": 21, "sentAt": 24}, None, 3),
        ({}, 0, 0),
        ({"originalTimestamp": -3}, None, 0),
    ],
    ids=["own", "own before derived", "sentAt of the batch", "of the item", "a clock a day ahead", "none", "half"],
)
def test_an_item_is_dated_as_the_protocol_says(
    northwind: Account, deliver: Deliver, item: dict[str, float], sent: float | None, ago: float
) -> None:
    at = now()
    told = {name: (at + hours * HOUR).isoformat() for name, hours in item.items()}
    shared = {} if sent is None else {"sentAt": (at + sent * HOUR).isoformat()}
    deliver({"type": "track", "event": "x", "userId": "ada", **told}, group(), **shared)
    event = SignalEvent.objects.get(type="track")
    assert abs(at - ago * HOUR - event.at) < dt.timedelta(seconds=30)


@pytest.mark.parametrize(
    "text",
    ["2026-03-01T12:30:00Z", "2026-03-01T12:30:00.000+00:00", "2026-3-1T12:30:00.0Z", "2026-03-01T13:30:00+01:00"],
)
def test_one_instant_may_be_written_in_many_ways(
    northwind: Account, deliver: Deliver, time_machine: Any, text: str
) -> None:
    time_machine.move_to("2026-03-02T00:00:00Z")
    deliver(group(), track(timestamp=text))
    assert SignalEvent.objects.get(type="track").at == dt.datetime(2026, 3, 1, 12, 30, tzinfo=dt.UTC)


def test_a_batch_may_name_the_account_for_its_items(northwind: Account, deliver: Deliver) -> None:
    deliver(track("x"), track("y", context={"groupId": "acct-404"}), context={"groupId": "acct-42"})
    assert SignalEvent.objects.get().product_user.external_id == "x"
    assert QuarantinedItem.objects.get().group_value == "acct-404"


def test_ids_may_be_null(northwind: Account, deliver: Deliver) -> None:
    deliver(group(anonymousId=None), track(anonymousId=None, groupId=None), track(None, anonymousId="anon"))
    assert SignalEvent.objects.count() == 2
    assert not QuarantinedItem.objects.exists()


@pytest.mark.parametrize(("body", "status"), [(b"{", 400), (b" " * (wire.MAX_RAW + 1), 413)])
def test_every_refusal_has_a_code_and_a_message(post: Post, body: bytes, status: int) -> None:
    response = post(body)
    assert response.status_code == status
    assert response.json().keys() == {"code", "message"}
    assert not InboxRequest.objects.exists()
