"""The body of a bulk request, item by item: what is odd in one does not cost the others."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any

import msgspec
from django.http import UnreadablePostError
from rest_framework.exceptions import APIException, ParseError, ValidationError
from rest_framework.parsers import BaseParser
from rest_framework.utils.json import strict_constant

from accounts.ingestion import wire
from accounts.ingestion.wire import Refused

MOST = 1_000
LARGEST_ITEM = 128 * 1024


class _Envelope(msgspec.Struct, forbid_unknown_fields=True):
    source: str
    items: list[msgspec.Raw]


@dataclass(frozen=True)
class Unreadable:
    """An item that is no JSON, or larger than one can be; and why."""

    message: str


@dataclass(frozen=True)
class Body:
    """A request: the key of its source, and its items as they came or `Unreadable`."""

    source: str
    items: list[Any]


class BulkParser(BaseParser):
    """Reads the bytes of a body, unpacked where they are gzip."""

    media_type = "application/json"

    def parse(  # type: ignore[override]
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> bytes:
        request = (parser_context or {})["request"]
        try:
            raw = stream.read(wire.MAX_RAW + 1)
            return wire.unpacked(raw, encoding=request.headers.get("Content-Encoding", ""))
        except UnreadablePostError as error:
            raise ParseError("The request ended early. Send it again.") from error
        except Refused as refused:
            problem = APIException(refused.message, code=refused.code)
            problem.status_code, problem.default_code = refused.status, refused.code
            raise problem from None


def body(text: bytes) -> Body:
    """What `text` holds. Raises an error of the API where no item can be read."""
    try:
        envelope = wire.decoded(_envelopes, text)
    except msgspec.ValidationError as error:
        raise ValidationError(f'Expected {{"source": "…", "items": […]}}: {error}.') from None
    except wire.NOT_JSON as error:
        raise ParseError(f"The body is not JSON: {error}.") from None
    if len(envelope.items) > MOST:
        raise ValidationError({"items": f"At most {MOST:,} items; here are {len(envelope.items):,}. Send some later."})
    return Body(envelope.source, [_item(bytes(raw)) for raw in envelope.items])


_envelopes = msgspec.json.Decoder(_Envelope)


def _item(raw: bytes) -> Any:
    if len(raw) > LARGEST_ITEM:
        return Unreadable(f"An item may hold {LARGEST_ITEM // 1024} KiB; this one holds {len(raw) // 1024:,}.")
    try:
        return json.loads(raw.decode("utf-8"), parse_constant=strict_constant)
    except RecursionError:
        return Unreadable("This item is nested too deeply.")
    except ValueError as error:
        return Unreadable(f"This item is not JSON: {error}.")
