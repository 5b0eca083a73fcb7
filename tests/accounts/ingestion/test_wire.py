"""A batch is looked at as a whole first; it must say what a look at each of its items says."""

import json
from typing import Any

import msgspec
import pytest

from accounts.ingestion import wire
from tests.accounts.ingestion.calls import group, identify, page, track

LONG = "u" * (wire.MAX_ID + 1)
ITEMS: list[Any] = [
    track(),
    track(user=7),
    track(user=2**63),
    track(user=10**30),
    track(user=""),
    track(user=" "),
    track(user=" ada "),
    track(user="\x00"),
    track(user="\u200b"),
    track(user=None, anonymousId="a"),
    track(user=None, anonymousId="a", previousId=""),
    track(user=LONG),
    track(user=LONG[1:] + " "),
    track(anonymousId=LONG),
    track(groupId=LONG),
    track(previousId=LONG),
    track(context={"groupId": LONG}),
    track(context={"groupId": 5, "page": {"path": "/x"}}),
    track(context=None),
    track(context=[]),
    track(event=""),
    track(event="\t"),
    track(event=7),
    track(timestamp=7),
    track(type=None),
    track(type=""),
    track(type="Track", event=""),
    track(traits=[]),
    track(properties={"text": "x" * wire.MAX_ITEM}),
    group(),
    group(user=None),
    identify(traits={"name": 7, "email": "a@example.org"}),
    page(),
    page(anonymousId="a"),
    7,
    None,
    [],
    "text",
]


def _told(found: Any) -> Any:
    """What was found, whichever class of item says it."""
    if isinstance(found, wire.Trouble):
        return found
    fields = msgspec.structs.asdict(found)
    context = fields.pop("context")
    raw = {name: bytes(value) for name, value in fields.items() if isinstance(value, msgspec.Raw)}
    return fields | raw | {"context": context and (context.group_id, bytes(context.page))}


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: json.dumps(item)[:60])
def test_an_item_means_the_same_alone_and_in_its_batch(item: Any) -> None:
    body = json.dumps({"batch": [track(), item]}).encode()
    raws = msgspec.json.decode(body, type=wire.Envelope).batch
    found = [_told(one) for one in wire.read_items(body, raws)]
    assert found == [_told(wire.read_item(bytes(raw), index=n, call="batch")) for n, raw in enumerate(raws)]
