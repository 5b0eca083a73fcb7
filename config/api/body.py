"""Request bodies: JSON in UTF-8, of a size and depth that a program means, with text that can be stored."""

import json
from collections.abc import Iterator, Mapping
from typing import IO, Any

from django.http import UnreadablePostError
from rest_framework.exceptions import APIException, ParseError, UnsupportedMediaType
from rest_framework.parsers import BaseParser
from rest_framework.utils.json import strict_constant

LARGEST = 1024 * 1024
PLAIN = "identity"
"""The `Content-Encoding` of a body that is not packed."""


class TooLarge(APIException):
    """A body beyond the limit; nothing of it was read."""

    status_code = 413
    default_detail = f"A request may hold {LARGEST // 2**20} MiB."
    default_code = "too_large"


class JsonBody(BaseParser):
    """Reads a JSON body; refuses what later code would stumble over, with the place where it is wrong."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        encoding = (parser_context or {})["request"].headers.get("Content-Encoding", PLAIN)
        if encoding.strip().lower() != PLAIN:
            raise UnsupportedMediaType("", f"A body in {encoding[:40]} is not unpacked here. Send it as plain JSON.")
        try:
            raw = stream.read(LARGEST + 1)
        except UnreadablePostError as error:
            raise ParseError("The request ended early. Send it again.") from error
        if len(raw) > LARGEST:
            raise TooLarge
        try:
            value = json.loads(raw.decode("utf-8"), parse_constant=strict_constant)
            for text in _texts(value):
                _check(text)
        except RecursionError as error:
            raise ParseError("The body is nested too deeply.") from error
        except ValueError as error:
            raise ParseError(f"The body is not JSON: {error}") from error
        return value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from _texts(inner)


def _check(text: str) -> None:
    if "\0" in text:
        raise ValueError("a text holds the character NUL, which cannot be stored.")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise ValueError("a text holds half of a surrogate pair, which is no character.") from None
