"""Every naughty string in every field of every call: an answer, and each item in one place."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from accounts.ingestion import wire
from accounts.ingestion.fold import fold
from accounts.ingestion.models import InboxRequest, QuarantinedItem, SignalEvent, SourceCount, Visit
from accounts.portfolio.models import Account
from tests.accounts.ingestion.calls import group, track
from tests.accounts.ingestion.folded import usage_of

Post = Any
CALLS = ("track", "identify", "group", "page", "screen", "alias")
FIELDS = (
    "type",
    "messageId",
    "timestamp",
    "originalTimestamp",
    "sentAt",
    "userId",
    "anonymousId",
    "previousId",
    "groupId",
    "event",
    "name",
    "properties",
    "traits",
    "context",
    "integrations",
    "properties.path",
    "properties.url",
    "traits.name",
    "traits.email",
    "context.groupId",
    "context.page",
)


def strings() -> list[str]:
    folder = os.environ.get("REAL_INPUTS")
    if not folder:
        pytest.skip("REAL_INPUTS is not set, so there are no naughty strings to send.")
    return json.loads((Path(folder) / "naughty" / "blns.json").read_text(encoding="utf-8"))


def item(call: str, field: str, text: str, number: int) -> dict[str, Any]:
    """A call that is good but for `text` in one field."""
    found: dict[str, Any] = {"type": call, "messageId": f"m-{number}", "userId": "eve", "groupId": "acct-42"}
    found |= {"event": "Report Viewed", "name": "Home", "properties": {}, "traits": {}, "context": {}}
    outer, _, inner = field.partition(".")
    if inner:
        found[outer][inner] = text
    else:
        found[outer] = text
    return found


def batches() -> Iterator[list[dict[str, Any]]]:
    """Each string in each field of one call, and of the next call for the next field: all calls meet all strings."""
    items = [
        item(call, field, text, number * 1000 + place * 10 + turn)
        for number, text in enumerate(strings())
        for place, field in enumerate(FIELDS)
        for turn, call in enumerate(CALLS)
        if (number + place + turn) % 3 == 0
    ]
    for start in range(0, len(items), wire.MAX_ITEMS - 2):
        yield items[start : start + wire.MAX_ITEMS - 2]


@pytest.mark.real_inputs
def test_naughty_strings_cost_no_good_signal_and_none_is_lost(northwind: Account, post: Post) -> None:
    sent = 0
    for items in batches():
        response = post({"batch": [group("bob"), *items, track("bob")]})
        assert response.status_code == 200, response.content
        sent += len(items) + 2
        while fold():
            pass
    assert not InboxRequest.objects.exists()
    counts = SourceCount.objects.values_list("accepted", "repeated", "quarantined")
    accepted, repeated, quarantined = (sum(column) for column in zip(*counts, strict=True))
    assert accepted + repeated + quarantined == sent
    assert SignalEvent.objects.count() + Visit.objects.count() == accepted
    assert QuarantinedItem.objects.count() == quarantined
    assert usage_of(northwind).active_users[30] >= 1


@pytest.mark.real_inputs
@pytest.mark.parametrize("call", ["track", "identify", "group", "page", "screen", "alias"])
def test_a_single_naughty_call_is_answered(northwind: Account, post: Post, call: str) -> None:
    for number, text in enumerate(strings()[::25]):
        for field in FIELDS[::4]:
            response = post(item(call, field, text, number) | {"writeKey": text}, call)
            assert response.status_code == 200, response.content


@pytest.mark.real_inputs
def test_a_naughty_key_is_401_and_a_naughty_envelope_costs_nothing(northwind: Account, post: Post) -> None:
    for text in strings()[::5]:
        assert post({"batch": [], "writeKey": text}, key=None).status_code == 401
        answer = post({"batch": [group("bob")], "context": {"groupId": text}, "sentAt": text})
        assert answer.json() == {"success": True, "accepted": 1}
    while fold():
        pass
    assert not InboxRequest.objects.exists()


ODD = {
    "not a number": (b'{"type":"track","userId":"eve","event":"x","properties":{"a":NaN}}', None),
    "a number beyond all": (b'{"type":"track","userId":"eve","event":"x","properties":{"a":1e999}}', "kept"),
    "a number as an id": (b'{"type":"track","userId":1e999,"event":"x"}', "malformed"),
    "100 000 digits": (b'{"type":"track","userId":"eve","event":"x","n":' + b"9" * 100_000 + b"}", "too_large"),
    "20 000 digits as an id": (b'{"type":"track","userId":' + b"9" * 20_000 + b',"event":"x"}', "malformed"),
    "bytes that are no text": (b'{"type":"track","userId":"eve","event":"\xff\xfe"}', "malformed"),
    "bytes that are no text, unread": (b'{"type":"track","userId":"eve","event":"x","p":"\xc3\x28"}', "kept"),
    "an overlong NUL": (b'{"type":"track","userId":"e\xc0\x80ve","event":"x"}', "malformed"),
    "a key twice": (b'{"type":"track","userId":"bob","userId":"eve","event":"x"}', "kept"),
    "a name that is no text": (b'{"type":"track","userId":"eve","event":7}', "malformed"),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_bytes_are_told_or_kept_and_cost_no_other(northwind: Account, post: Post, name: str) -> None:
    odd, outcome = ODD[name]
    good = [json.dumps(call("bob")).encode() for call in (group, track)]
    response = post(b'{"batch":[' + b",".join([good[0], odd, good[1]]) + b"]}")
    if outcome is None:
        assert (response.status_code, response.json()["code"]) == (400, "not_json")
        return
    assert response.status_code == 200
    while fold():
        pass
    assert usage_of(northwind).active_users[30] == 1
    reasons = list(QuarantinedItem.objects.values_list("reason", flat=True))
    assert reasons == (["no_account"] if outcome == "kept" else [outcome])


def test_one_message_id_on_many_items_counts_once(northwind: Account, post: Post) -> None:
    post({"batch": [group(messageId="g"), *(track(event=f"e{number}", messageId="same") for number in range(50))]})
    while fold():
        pass
    assert SignalEvent.objects.filter(type="track").count() == 1
    assert SourceCount.objects.get().repeated == 49
