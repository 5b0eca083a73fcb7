"""What is in signals costs no other signal, and stops nothing."""

import json
from typing import Any

import pytest

from accounts.foundation.clock import now
from accounts.ingestion import fold, services, settling
from accounts.ingestion.models import InboxRequest, QuarantinedItem, SignalEvent
from accounts.portfolio.models import Account
from accounts.workspace.models import Source
from tests.accounts.ingestion.calls import group, track
from tests.accounts.ingestion.folded import usage_of

Post = Any


HOSTILE = [
    '{"type":"track","userId":"a\\u0000da","event":"\\u0000","messageId":"\\u0000"}',
    '{"type":"\\u0000track","userId":"ada","event":"x"}',
    '{"type":"track","userId":"\\ud800","event":"\\udc00"}',
    '{"type":"track","userId":"ada","timestamp":"\\u0000"}',
    '{"type":"track","userId":"ada","properties":' + "[" * 10_000 + "]" * 10_000 + "}",
    '{"type":"identify","userId":"ada","traits":{"name":' + '{"a":' * 900 + "1" + "}" * 900 + "}}",
    '{"type":"identify","userId":"ada","traits":{"seats":1e999,"n":' + "9" * 5000 + "}}",
    '{"type":"track","userId":"ada","properties":{"a":1e999,"b":-0,"c":' + "9" * 5000 + "}}",
    '{"type":"track","userId":"ada","event":"x","properties":{"a":' + "9" * 100_000 + "}}",
    '{"type":"track","userId":"ada","event":"' + "e" * 5000 + '"}',
    '{"type":"track","userId":"ada","timestamp":"0001-01-01T00:00:00+14:00"}',
    '{"type":"track","userId":"ada","timestamp":"9999-12-31T23:59:59-14:00"}',
    '{"type":"group","userId":"ada","groupId":"\\u0000acct-42\\u0000"}',
    '{"type":"track","userId":"ada","context":[]}',
    '{"type":"track","userId":"ada","traits":[]}',
    '{"type":"' + "t" * 500 + '","userId":"ada","groupId":"acct-42"}',
]


@pytest.mark.parametrize("item", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_item_costs_no_other_and_stops_nothing(northwind: Account, post: Post, item: str) -> None:
    body = json.dumps({"batch": [group("bob"), "HOSTILE", track("bob")]}).replace('"HOSTILE"', item)
    assert post(body).status_code == 200
    while fold.fold():
        pass
    assert not InboxRequest.objects.exists()
    assert usage_of(northwind).active_users[30] == 1
    assert SignalEvent.objects.exclude(product_user__external_id="bob").count() + QuarantinedItem.objects.count() == 1


def test_what_no_database_can_hold_is_no_part_of_an_id(northwind: Account, deliver: Any) -> None:
    deliver(group("a\0da", "\0acct-42 "), track("ada", "Report\0 Viewed"))
    assert set(SignalEvent.objects.values_list("product_user__external_id", "account", "name")) == {
        ("ada", northwind.pk, ""),
        ("ada", northwind.pk, "Report Viewed"),
    }


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b'{"batch":[NaN]}', b'{"batch":7}', b'"\\u0000' + b"x" * 50_000])
def test_a_request_that_cannot_be_read_goes_to_quarantine_and_the_lane_goes_on(
    northwind: Account, product: Source, post: Post, body: bytes
) -> None:
    services.accept(body, call="batch", source=product, at=now())
    post({"batch": [group(), track()]})
    assert fold.fold() == 2
    assert not InboxRequest.objects.exists()
    assert QuarantinedItem.objects.get().reason == "malformed"
    assert usage_of(northwind).active_users[30] == 1


def test_a_signal_that_cannot_be_stored_is_found_and_the_others_are(
    northwind: Account, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = settling._event

    def poisoned(signal: Any, *args: Any) -> Any:
        if signal.name == "poison":
            raise ValueError("cannot be stored")
        return honest(signal, *args)

    monkeypatch.setattr(settling, "_event", poisoned)
    items = [track(f"user-{number}", context={"groupId": "acct-42"}) for number in range(20)]
    post({"batch": [*items[:13], track(event="poison", context={"groupId": "acct-42"}), *items[13:], 7]})
    assert fold.fold() == 1
    assert SignalEvent.objects.count() == 20
    found = dict(QuarantinedItem.objects.values_list("reason", "detail").filter(detail__contains="cannot be stored"))
    assert found == {"malformed": "ValueError: cannot be stored"}
    assert QuarantinedItem.objects.count() == 2
