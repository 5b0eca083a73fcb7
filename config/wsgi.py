"""The WSGI application that gunicorn serves."""

import codecs
import os
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
_django = get_wsgi_application()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answers one request; a charset that no text is written in is left out of it, or Django would answer 500."""
    environ["CONTENT_TYPE"] = readable(environ.get("CONTENT_TYPE", ""))
    return _django(environ, start_response)


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
