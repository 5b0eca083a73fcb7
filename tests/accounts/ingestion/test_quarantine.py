"""The quarantine: nothing is dropped, what waits comes back once, and means the same as when it came."""

import datetime as dt
import json
from typing import Any

import pytest

from accounts.foundation.clock import now
from accounts.identity import services as identity
from accounts.ingestion import services, wire
from accounts.ingestion.fold import fold
from accounts.ingestion.models import InboxRequest, QuarantinedItem, SignalEvent
from accounts.portfolio.models import Account
from accounts.workspace.models import Source
from tests.accounts.ingestion.calls import group, track

Post = Any
Deliver = Any
HOUR = dt.timedelta(hours=1)


def link(account: Account, value: str) -> None:
    identity.link(account, source=Source.objects.get(key="product"), value=value, by=None, at=now())


def test_each_item_waits_once_however_often_it_comes(northwind: Account, deliver: Deliver) -> None:
    items = [track("eve", messageId="m"), {"type": "track", "messageId": "n"}, 7, track("eve", timestamp="never")]
    deliver(*items)
    deliver(*items)
    reasons = list(QuarantinedItem.objects.order_by("id").values_list("reason", flat=True))
    assert sorted(reasons) == ["malformed", "malformed", "malformed", "no_account"]


def test_an_item_is_kept_as_it_came(northwind: Account, deliver: Deliver) -> None:
    item = track("eve", properties={"plan": "é", "n": 1}, messageId="m")
    deliver(item)
    assert json.loads(QuarantinedItem.objects.get().item) == item


def test_what_is_too_large_is_kept_as_far_as_an_item_goes(northwind: Account, deliver: Deliver) -> None:
    deliver(track(properties={"text": "x" * 1_000_000}))
    waiting = QuarantinedItem.objects.get()
    assert waiting.reason == "too_large"
    assert "976.7" in waiting.detail
    assert len(waiting.item) == wire.MAX_ITEM


def test_what_was_beyond_a_batch_can_be_replayed(northwind: Account, deliver: Deliver, monkeypatch: Any) -> None:
    monkeypatch.setattr(wire, "MAX_ITEMS", 2)
    deliver(group(), track(messageId="a"), track(messageId="b"))
    services.replay(list(QuarantinedItem.objects.filter(reason="too_many")), by=None, at=now())
    assert fold() == 1
    assert SignalEvent.objects.filter(type="track").count() == 2
    assert not QuarantinedItem.objects.exists()


def test_what_is_linked_comes_back_with_what_the_batch_said_of_it(
    northwind: Account, deliver: Deliver, pump: Any
) -> None:
    sent = now()
    item = track("eve") | {"timestamp": None, "originalTimestamp": (sent - 5 * HOUR).isoformat()}
    deliver(item, context={"groupId": "acct-99"}, sentAt=sent.isoformat())
    assert QuarantinedItem.objects.get().group_value == "acct-99"
    link(northwind, "acct-99")
    pump()
    event = SignalEvent.objects.get()
    assert event.account == northwind
    assert abs(event.at - (sent - 5 * HOUR)) < HOUR / 60


def test_a_single_call_comes_back_as_the_call_it_was(northwind: Account, post: Post, pump: Any) -> None:
    item = track("eve", context={"groupId": "acct-99"})
    del item["type"]
    post(item, "track")
    fold()
    link(northwind, "acct-99")
    pump()
    assert SignalEvent.objects.get().type == "track"


def test_what_came_again_after_the_link_is_not_counted_twice(northwind: Account, deliver: Deliver, pump: Any) -> None:
    item = track("eve", context={"groupId": "acct-99"}, messageId="m")
    deliver(item)
    link(northwind, "acct-99")
    deliver(item)
    pump()
    assert SignalEvent.objects.count() == 1
    assert not QuarantinedItem.objects.exists()


def test_replaying_what_still_cannot_be_used_puts_it_back_once(northwind: Account, deliver: Deliver) -> None:
    deliver(track("eve"), 7, track(timestamp="never"))
    services.accept(b"no json", call="batch", source=Source.objects.get(), at=now())
    fold()
    for _ in range(3):
        assert services.replay(list(QuarantinedItem.objects.all()), by=None, at=now()) == 4
        rounds = 0
        while fold():
            rounds += 1
        assert rounds == 1
    assert QuarantinedItem.objects.count() == 4


def test_a_replay_says_nothing_about_the_source(northwind: Account, deliver: Deliver, pump: Any) -> None:
    source, old = Source.objects.get(key="product"), now() - 100 * HOUR
    body = json.dumps({"batch": [track("eve", context={"groupId": "acct-99"}, timestamp=old.isoformat())]}).encode()
    services.accept(body, call="batch", source=source, at=old)
    deliver(group())
    fresh = Source.objects.get(key="product").last_delivery_at
    assert fresh is not None
    link(northwind, "acct-99")
    pump()
    assert SignalEvent.objects.filter(type="track").count() == 1
    assert Source.objects.get(key="product").last_delivery_at == fresh


def test_a_silent_source_is_not_woken_by_its_own_old_items(northwind: Account, product: Source, pump: Any) -> None:
    old = now() - 100 * HOUR
    body = json.dumps({"batch": [track("eve", context={"groupId": "acct-99"}, timestamp=old.isoformat())]}).encode()
    services.accept(body, call="batch", source=product, at=old)
    fold()
    link(northwind, "acct-99")
    pump()
    product.refresh_from_db()
    assert product.last_delivery_at == old


def test_many_items_come_back_in_bounded_steps(
    northwind: Account, deliver: Deliver, pump: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "REPLAYED_AT_ONCE", 7)
    deliver(*(track("eve", context={"groupId": "acct-99"}, messageId=f"m{number}") for number in range(30)))
    link(northwind, "acct-99")
    pump()
    assert SignalEvent.objects.count() == 30
    assert not InboxRequest.objects.exists()


def test_a_space_around_an_id_does_not_hide_the_account(northwind: Account, deliver: Deliver) -> None:
    link(northwind, " acct-99 ")
    deliver(group("eve", "acct-99"))
    assert not QuarantinedItem.objects.exists()


def test_an_unlinked_id_is_unknown_again(northwind: Account, deliver: Deliver, pump: Any) -> None:
    identity.unlink(northwind.external_ids.get(value="acct-42"), by=None, at=now())
    pump()
    deliver(group())
    assert QuarantinedItem.objects.get().reason == "unknown_account"
