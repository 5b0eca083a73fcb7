"""The WSGI application that gunicorn serves."""

import codecs
import io
import os
import tempfile
from collections.abc import Callable, Iterable
from typing import IO, Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
_django = get_wsgi_application()
MOST_IN_CHUNKS = 32 * 1024 * 1024
"""More than any route takes: the routes refuse what is larger, as they refuse what announces its length."""
KEPT_IN_MEMORY, PIECE = 1024 * 1024, 64 * 1024


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answers one request; a charset that no text is written in is left out of it, or Django would answer 500."""
    environ["CONTENT_TYPE"] = readable(environ.get("CONTENT_TYPE", ""))
    if "HTTP_TRANSFER_ENCODING" in environ and environ.get("wsgi.input_terminated"):
        return _measured(environ, start_response)
    return _django(environ, start_response)


def _measured(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answers a request whose body has no length, as it comes in chunks; Django alone would read nothing of it."""
    with tempfile.SpooledTemporaryFile(KEPT_IN_MEMORY) as body:
        try:
            length = _copied(environ["wsgi.input"], body)
        except Exception:  # each server has errors of its own for a broken stream; nothing else happens here
            environ |= {"wsgi.input": CutOff(), "CONTENT_LENGTH": "1"}
        else:
            body.seek(0)
            environ |= {"wsgi.input": body, "CONTENT_LENGTH": str(length)}
        return _django(environ, start_response)


def _copied(stream: IO[bytes], body: IO[bytes]) -> int:
    """Writes `stream` into `body`, up to what is too large for every route; how many bytes that were."""
    while body.tell() <= MOST_IN_CHUNKS and (piece := stream.read(PIECE)):
        body.write(piece)
    return body.tell()


class CutOff(io.RawIOBase):
    """The body of a client that hung up."""

    def read(self, size: int = -1) -> bytes:
        raise OSError("The request ended early.")


def readable(content_type: str) -> str:
    """`content_type`, without its parameters where its charset is no encoding of text (rot13, zlib)."""
    media_type, _, parameters = content_type.partition(";")
    _, named, charset = parameters.lower().partition("charset=")
    return media_type if named and not _is_text(charset.split(";")[0].strip(" \"'")) else content_type


def _is_text(charset: str) -> bool:
    try:
        return codecs.lookup(charset)._is_text_encoding
    except (LookupError, ValueError):
        return False
