"""What clients of the Segment protocol send, read without trusting it."""

import gzip
import io
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec

from accounts.ingestion import mending

MAX_RAW = 4 * 1024 * 1024
MAX_UNPACKED = 16 * 1024 * 1024
MAX_ITEM = 32 * 1024
MAX_ITEMS = 2_500
MAX_KEPT_ITEMS = 25_000
"""A request with more items than this is refused as a whole, before each of them costs a row in quarantine."""
MAX_ID = 200
CALLS = ("track", "identify", "group", "page", "screen", "alias")
"""What an item may be. One of another type would be stored and mean nothing, so it waits where people see it."""
NOT_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class Refused(Exception):
    """A request that can never succeed: `code` for machines, `message` for whoever reads the log."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


_NOTHING = msgspec.Raw(b"null")


class Envelope(msgspec.Struct, rename="camel"):
    """A batch as it comes. Its parts are still raw bytes: what is odd in one does not cost the others."""

    batch: list[msgspec.Raw]
    context: msgspec.Raw = _NOTHING
    sent_at: msgspec.Raw = _NOTHING
    write_key: msgspec.Raw = _NOTHING


class WriteKey(msgspec.Struct, rename="camel"):
    """The key that some clients send in the body."""

    write_key: msgspec.Raw = _NOTHING


class Context(msgspec.Struct, rename="camel", gc=False):
    """What in a context matters here: in which account's name it happened, and on which page."""

    group_id: str | int | None = None
    page: msgspec.Raw = _NOTHING


class Page(msgspec.Struct):
    """Where a page is, as the properties of a `page` call or the context of any call say it."""

    path: Any = None
    url: Any = None


class Traits(msgspec.Struct, gc=False):
    """What `identify` says of a person, as far as we keep it."""

    name: Any = None
    email: Any = None
    role: Any = None
    team: Any = None


class Item(msgspec.Struct, rename="camel", gc=False):
    """One call. Ids come as text or as numbers; whatever else it holds is left alone."""

    type: str | None = None
    message_id: str | int | None = None
    timestamp: str | None = None
    original_timestamp: str | None = None
    sent_at: str | None = None
    user_id: str | int | None = None
    anonymous_id: str | int | None = None
    previous_id: str | int | None = None
    group_id: str | int | None = None
    event: str | None = None
    name: str | None = None
    traits: Traits | None = None
    context: Context | None = None
    properties: msgspec.Raw = _NOTHING


Short = Annotated[str, msgspec.Meta(max_length=MAX_ID)] | int | None


class ShortItem(Item, rename="camel", gc=False):
    """One call whose ids are no longer than they may be, which the decoder sees sooner than we do."""

    user_id: Short = None
    anonymous_id: Short = None
    previous_id: Short = None
    group_id: Short = None
    context: "ShortContext | None" = None


class ShortContext(Context, rename="camel", gc=False):
    """The context of one."""

    group_id: Short = None


class Items(msgspec.Struct):
    """A batch of nothing else."""

    batch: list[ShortItem]


envelopes = msgspec.json.Decoder(Envelope)
contexts = msgspec.json.Decoder(Context)
pages = msgspec.json.Decoder(Page)
strings = msgspec.json.Decoder(str)
_write_keys = msgspec.json.Decoder(WriteKey)
_items = msgspec.json.Decoder(Item)
_whole = msgspec.json.Decoder(Items)


@dataclass(frozen=True)
class Checked:
    """What the door can say about a request: how many items, which of them will wait, and the key in it."""

    count: int
    problems: list[dict[str, Any]]
    write_key: str | None


@dataclass(frozen=True)
class Trouble:
    """Why one item cannot be used."""

    code: str
    message: str


def unpacked(body: bytes, *, encoding: str) -> bytes:
    """The body's JSON bytes, unpacked where it is gzip; refuses what is too large before it is in memory."""
    if len(body) > MAX_RAW:
        raise Refused(413, "too_large", f"A request may hold {MAX_RAW // 2**20} MiB. Send smaller batches.")
    if "gzip" not in encoding.lower() and not body.startswith(b"\x1f\x8b"):
        return body
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(body)) as file:
            text = file.read(MAX_UNPACKED + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise Refused(400, "bad_gzip", "The body says it is gzip, but it does not unpack.") from error
    if len(text) > MAX_UNPACKED:
        raise Refused(
            413, "too_large", f"A request may hold {MAX_UNPACKED // 2**20} MiB unpacked. Send smaller batches."
        )
    return text


def checked(body: bytes, *, call: str) -> Checked:
    """What is in `body`, item by item; refuses what is no call."""
    if call != "batch":
        key = _opened(_write_keys, body).write_key
        return Checked(1, _problems([read_item(body, index=0, call=call)]), maybe(strings, key))
    envelope = _opened(envelopes, body)
    count = len(envelope.batch)
    if count > MAX_KEPT_ITEMS:
        raise Refused(413, "too_many", f"A batch may hold {MAX_ITEMS} items; this one holds {count}.")
    problems = _problems(read_items(body, envelope.batch))
    return Checked(count, problems, maybe(strings, envelope.write_key))


def _opened(decoder: msgspec.json.Decoder[Any], body: bytes) -> Any:
    try:
        return decoded(decoder, body)
    except msgspec.ValidationError as error:
        raise Refused(400, "bad_shape", f"The body is JSON, but no call: {_placed(error, '$')}.") from error
    except NOT_JSON as error:
        raise Refused(400, "not_json", f"The body is not JSON: {error}.") from error


def decoded(decoder: msgspec.json.Decoder[Any], text: bytes) -> Any:
    """What `decoder` makes of `text`, also where it is very deep or holds half an emoji; raises one of NOT_JSON."""
    for _ in range(2):
        try:
            return decoder.decode(text)
        except msgspec.ValidationError:
            raise
        except msgspec.DecodeError:
            text = mending.without_half_characters(text)
        except RecursionError:
            text = mending.shallow(text)
    return decoder.decode(text)


def maybe(decoder: msgspec.json.Decoder[Any], raw: msgspec.Raw) -> Any:
    """What `raw` holds where it is of the right kind, else None."""
    try:
        return decoded(decoder, bytes(raw))
    except NOT_JSON:
        return None


def _placed(error: Exception, path: str) -> str:
    """What is wrong, always with its place: ``Expected `str`, got `bool` - at `$.batch[2].userId` ``."""
    text = clean(str(error)).replace("`$", f"`{path}")
    text = text.replace("Object missing required field `", f"it lacks `{path}.")
    return text if f"`{path}" in text else f"{text} - at `{path}`"


def _problems(found: Sequence[Item | Trouble]) -> list[dict[str, Any]]:
    """The items that will go to quarantine for their shape, by their place in the batch."""
    troubles = ((index, one) for index, one in enumerate(found) if isinstance(one, Trouble))
    return [{"index": index, "code": one.code, "message": one.message} for index, one in troubles]


def read_items(body: bytes, raws: Sequence[msgspec.Raw]) -> Sequence[Item | Trouble]:
    """The items of the batch in `body`, whose parts are `raws`, each readable or with what is wrong in it.

    Nearly always all of them are as they should be, and one look at the whole batch says so. Only where it does not
    they are read one by one.
    """
    if len(raws) <= MAX_ITEMS and max(map(len, raws), default=0) <= MAX_ITEM:
        try:
            items = _whole.decode(body).batch
        except NOT_JSON:
            pass
        else:
            if all(map(_is_usual, items)):
                return items
    return [read_item(bytes(raw), index=index, call="batch") for index, raw in enumerate(raws)]


def _is_usual(item: ShortItem) -> bool:
    """Whether there is nothing to say against `item`: asked of every item there is, so what is common is seen first."""
    user, event = item.user_id, item.event
    if item.type == "track" and type(user) is str and user.isprintable() and user.strip() and event and event.strip():
        return True
    return not _missing(item, "$", "batch")


def read_item(raw: bytes, *, index: int, call: str) -> Item | Trouble:
    """The item in `raw`, or why it can never be folded."""
    path = f"$.batch[{index}]" if call == "batch" else "$"
    if index >= MAX_ITEMS:
        return Trouble("too_many", f"A batch may hold {MAX_ITEMS} items.")
    if len(raw) > MAX_ITEM:
        return Trouble("too_large", f"An item may hold {MAX_ITEM // 1024} KiB; this one holds {len(raw) / 1024:.1f}.")
    try:
        item = decoded(_items, raw)
    except NOT_JSON as error:
        return Trouble("malformed", _placed(error, path))
    if message := _missing(item, path, call):
        return Trouble("malformed", message)
    return item


def _missing(item: Item, path: str, call: str) -> str:
    kind = item.type or call
    if not item.type and call == "batch":
        return f"It lacks `{path}.type`, such as track, identify or group."
    if kind not in CALLS:
        return f"`{path}.type` is none of {', '.join(CALLS)}."
    names = names_in(item)
    if not any(names):
        return f"It names nobody: `{path}` has no userId, anonymousId or groupId."
    if any(len(name) > MAX_ID for name in names if name):
        return f"An id in `{path}` is longer than {MAX_ID} characters."
    if kind == "track" and not (item.event or "").strip():
        return f"It lacks `{path}.event`: a track call names what was done."
    return ""


def names_in(item: Item) -> tuple[str, str, str, str]:
    """The item's user, anonymous visitor, group, and the group of its context. `alias` calls the visitor previous."""
    user, group, context = item.user_id, item.group_id, item.context
    visitor = item.anonymous_id if item.previous_id is None else item.previous_id
    in_context = None if context is None else context.group_id
    return (  # most are missing, and this is asked of every item
        "" if user is None else id_text(user),
        "" if visitor is None else id_text(visitor),
        "" if group is None else id_text(group),
        "" if in_context is None else id_text(in_context),
    )


def id_text(value: str | int | None) -> str:
    """An id as text that both databases can store."""
    return "" if value is None else clean(value if type(value) is str else str(value))


def clean(text: str) -> str:
    """`text` without what PostgreSQL cannot store, and without space around it."""
    return (text.replace("\x00", "") if "\x00" in text else text).strip()
