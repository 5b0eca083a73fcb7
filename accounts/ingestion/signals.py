"""Stored requests as signals: who did what, for which account, when."""

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import msgspec

from accounts.ingestion import wire
from accounts.ingestion.instants import instant
from accounts.ingestion.wire import Item, Traits, Trouble, clean, id_text

MAX_NAME = 200
MAX_PATH = 300
PAGES = {"page", "screen"}
_UNSET = dt.datetime.min


class Signal(msgspec.Struct, gc=False):
    """One readable item: who, in which account's name, what, when. `message` is the hash of its id, as hex digits."""

    type: str
    message: str
    user: str
    anonymous: str
    group: str
    name: str
    path: str
    at: dt.datetime
    received_at: dt.datetime
    traits: Traits | None = None
    raw: bytes = b""
    happened_at: dt.datetime = _UNSET
    day: dt.date = _UNSET

    def __post_init__(self) -> None:
        """`happened_at` is `at`, but not later than we heard of it: clocks of clients run ahead. `day` is of `at`."""
        self.day = self.at.date()
        self.happened_at = self.at if self.at <= self.received_at else self.received_at


@dataclass(frozen=True)
class Unreadable:
    """An item that is no signal, and why."""

    reason: str
    detail: str
    message: str
    received_at: dt.datetime
    raw: bytes


@dataclass(frozen=True)
class _Request:
    """What the items of one stored request share."""

    call: str
    received_at: dt.datetime
    salt: str
    group: str = ""
    sent_at: str | None = None


def items(body: bytes, *, call: str, received_at: dt.datetime, salt: str) -> list[Signal | Unreadable]:
    """The items of a stored request, each readable or with its reason; `salt` names items without a messageId."""
    if call != "batch":
        item = wire.read_item(body, index=0, call=call)
        return [_read(body, item, 0, _Request(call, received_at, salt))]
    envelope = wire.decoded(wire.envelopes, body)
    context = wire.maybe(wire.contexts, envelope.context)
    group = id_text(context.group_id) if context else ""
    shared = _Request(call, received_at, salt, group, wire.maybe(wire.strings, envelope.sent_at))
    found = zip(envelope.batch, wire.read_items(body, envelope.batch), strict=True)
    return [_read(bytes(raw), item, index, shared) for index, (raw, item) in enumerate(found)]


def _read(raw: bytes, item: Item | Trouble, index: int, shared: _Request) -> Signal | Unreadable:
    if isinstance(item, Trouble):
        return Unreadable(item.code, item.message, digest(raw), shared.received_at, raw)
    try:
        at = instant(item.timestamp) if item.timestamp else _undated(item, shared)
    except (ValueError, OverflowError) as error:
        return Unreadable("malformed", f"timestamp: {clean(str(error))}", digest(raw), shared.received_at, raw)
    user, anonymous, group, in_context = wire.names_in(item)
    name = id_text(item.message_id) or f"{shared.salt}:{index}"
    kind = clean(item.type or shared.call)[:10]
    return Signal(  # by place: twice as fast as by name, and there is one for each item
        kind,
        digest(name.encode()),
        user,
        anonymous,
        group or in_context or shared.group,
        clean(item.event or item.name or "")[:MAX_NAME],
        _path(item) if kind in PAGES else "",
        at,
        shared.received_at,
        item.traits,
        raw,
    )


def _path(item: Item) -> str:
    """The path of the page that was seen, without host, query and fragment: those may name people."""
    for raw in (item.properties, item.context.page if item.context else item.properties):
        page = wire.maybe(wire.pages, raw)
        for text in (page.path, page.url) if page else ():
            if isinstance(text, str) and (path := _path_of(text)):
                return path
    return ""


def _path_of(url: str) -> str:
    try:
        return clean(urlsplit(clean(url)).path)[:MAX_PATH]
    except ValueError:  # such as http://[
        return ""


def _undated(item: Item, shared: _Request) -> dt.datetime:
    """The instant of an item without a timestamp: when it was received, less the time it spent at the client."""
    sent, original = item.sent_at or shared.sent_at, item.original_timestamp
    if sent and original:
        return shared.received_at - (instant(sent) - instant(original))
    return shared.received_at


def digest(text: bytes) -> str:
    """A name for `text` that is always the same: the hex digits of a UUID."""
    return hashlib.blake2b(text, digest_size=16).hexdigest()


def shown(raw: bytes) -> str:
    """A raw item as text for people and for storage; what is too large to be one is cut."""
    return raw[: wire.MAX_ITEM].decode("utf-8", "replace").replace("\x00", "\ufffd")


def replayable(signal: Signal) -> str:
    """The item with what it had from the request around it, so that it means the same when it is read alone."""
    try:
        item = json.loads(signal.raw)
    except (ValueError, RecursionError):
        return shown(signal.raw)
    told: dict[str, Any] = {"type": signal.type, "timestamp": signal.at.isoformat()}
    lacking = {name: value for name, value in told.items() if not item.get(name)}
    own = item.get("context") or {}
    if signal.group and not item.get("groupId") and not own.get("groupId"):
        lacking["context"] = own | {"groupId": signal.group}
    return json.dumps(item | lacking) if lacking else shown(signal.raw)


def properties(signal: Signal) -> dict[str, Any]:
    """What the item says beside its name; empty where it came without, or is no longer kept."""
    try:
        item = json.loads(signal.raw)
    except (ValueError, RecursionError):
        return {}
    said = item.get("properties") if isinstance(item, dict) else None
    return said if isinstance(said, dict) else {}
