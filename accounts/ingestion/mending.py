"""JSON that is proper but that a strict reader gives up on: nested very deep, or with halves of emoji in it.

Only bodies and items that were refused once come here, so that it may be slow.
"""

import re
from collections.abc import Iterator

DEEPEST = 100
"""What lies deeper inside other values is cut: nobody reads it, and every reader's stack ends somewhere."""
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[{]|[\]}]', re.DOTALL)

_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?P<half>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)


def shallow(text: bytes) -> bytes:
    """`text` with null in place of every value that is nested too deep."""
    return b"".join(_kept(text))


def _kept(text: bytes) -> Iterator[bytes]:
    depth, start = 0, 0
    for token in _TOKEN.finditer(text):
        if token[0] in b"[{":
            depth += 1
            if depth == DEEPEST + 1:
                yield text[start : token.start()] + b"null"
        elif token[0] in b"]}":
            if depth == DEEPEST + 1:
                start = token.end()
            depth -= 1
    if depth <= DEEPEST:
        yield text[start:]


def without_half_characters(text: bytes) -> bytes:
    """`text` with U+FFFD for each half of a surrogate pair that stands alone, as a cut emoji leaves it."""
    return _ESCAPE.sub(lambda found: rb"\ufffd" if found["half"] else found[0], text)
