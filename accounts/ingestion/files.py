"""Signals from files: one item a line, through the same acceptance as a request."""

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from accounts.ingestion import services, wire
from accounts.workspace.models import Source

ITEMS = 1_000
ROOM = wire.MAX_RAW // 2
"""Items and bytes after which a request is full."""
_json = msgspec.json.Decoder(msgspec.Raw)


@dataclass(frozen=True)
class BadLine:
    """A line that holds no usable item."""

    number: int
    message: str


@dataclass
class Sent:
    """What became of the lines of a file."""

    accepted: int = 0
    quarantined: list[BadLine] = field(default_factory=list)
    refused: list[BadLine] = field(default_factory=list)


def send_lines(lines: Iterable[bytes], *, source: Source, at: dt.datetime) -> Sent:
    """Stores the items of `lines` as requests of `source`, to be folded like any other.

    A line that is no JSON is refused, one that is JSON but no signal goes to quarantine; both are named.
    """
    sent, waiting, size = Sent(), [], 0
    for number, line in enumerate(lines, start=1):
        text = line.removeprefix(b"\xef\xbb\xbf").strip()
        if not text or not _is_sendable(text, number, sent):
            continue
        waiting.append(text)
        size += len(text)
        if len(waiting) >= ITEMS or size >= ROOM:
            _store(waiting, source=source, at=at)
            waiting, size = [], 0
    if waiting:
        _store(waiting, source=source, at=at)
    return sent


def _is_sendable(text: bytes, number: int, sent: Sent) -> bool:
    """Counts a line as what it is; False where it cannot be part of a request at all."""
    if len(text) > wire.MAX_RAW:
        sent.refused.append(BadLine(number, f"is larger than {wire.MAX_RAW // 2**20} MiB."))
        return False
    try:
        wire.decoded(_json, text)
    except wire.NOT_JSON as error:
        sent.refused.append(BadLine(number, f"is not JSON: {error}."))
        return False
    found = wire.read_item(text, index=0, call="batch")
    if isinstance(found, wire.Trouble):
        sent.quarantined.append(BadLine(number, found.message.replace("$.batch[0]", "$")))
    else:
        sent.accepted += 1
    return True


def _store(items: list[bytes], *, source: Source, at: dt.datetime) -> None:
    """One request as a client would send it. `sentAt` makes an item's `originalTimestamp` count as it stands."""
    body = b'{"batch":[' + b",".join(items) + b'],"sentAt":' + json.dumps(at.isoformat()).encode() + b"}"
    services.accept(body, call="batch", source=source, at=at)
