"""What a client writes into its content type cannot bring the server down; a body in chunks is read whole."""

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.signals import request_started
from django.db import close_old_connections

from accounts.portfolio.models import Account
from config import wsgi
from config.api.body import LARGEST
from config.wsgi import application, readable


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("application/json", "application/json"),
        ("application/json; charset=utf-8", "application/json; charset=utf-8"),
        ('text/plain; charset="ISO-8859-1"', 'text/plain; charset="ISO-8859-1"'),
        ("application/json; charset=zlib", "application/json"),
        ("application/json; charset=rot13; x=y", "application/json"),
        ("application/json; charset=\x00", "application/json"),
        ("multipart/form-data; boundary=x", "multipart/form-data; boundary=x"),
        ("", ""),
    ],
)
def test_only_encodings_of_text_reach_django(content_type: str, expected: str) -> None:
    assert readable(content_type) == expected


@pytest.mark.django_db
def test_a_request_with_a_charset_that_is_no_text_is_answered() -> None:
    answered: list[Any] = []
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/v1/batch",
        "QUERY_STRING": "a=b",
        "CONTENT_TYPE": "application/json; charset=zlib",
        "CONTENT_LENGTH": "2",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "8000",
        "wsgi.input": io.BytesIO(b"{}"),
        "wsgi.url_scheme": "http",
    }
    b"".join(application(environ, lambda status, headers: answered.append(status)))
    assert answered[0].startswith("4")


class Broken(io.RawIOBase):
    """The body of a client that hung up, as a server hands it over after its first piece."""

    def __init__(self) -> None:
        self.pieces = [b'{"name": "Half"}']

    def read(self, size: int = -1) -> bytes:
        if self.pieces:
            return self.pieces.pop()
        raise RuntimeError("Invalid chunk size")


@pytest.fixture(autouse=True)
def kept_connection() -> Iterator[None]:
    """A request closes old connections when it begins, and the test's own is one of them."""
    request_started.disconnect(close_old_connections)
    yield
    request_started.connect(close_old_connections)


def in_chunks(path: str, stream: Any, *, key: str) -> tuple[int, dict[str, Any]]:
    """Status and body of the answer to a POST whose length nobody announced."""
    answered: list[str] = []
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": path,
        "CONTENT_TYPE": "application/json",
        "HTTP_TRANSFER_ENCODING": "chunked",
        "HTTP_AUTHORIZATION": f"Bearer {key}",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "8000",
        "wsgi.input": stream,
        "wsgi.input_terminated": True,
        "wsgi.url_scheme": "http",
    }
    body = b"".join(application(environ, lambda status, headers: answered.append(status)))
    return int(answered[0][:3]), json.loads(body)


def test_a_body_in_chunks_counts_on_the_rest_api(write_key: str) -> None:
    status, body = in_chunks("/api/v1/accounts/", io.BytesIO(b'{"name": "Acme Rockets"}'), key=write_key)
    assert (status, body["key"]) == (201, "acme-rockets")


def test_a_body_in_chunks_counts_at_the_signal_doors(ingest_key: str) -> None:
    batch = b'{"batch": [{"type": "track", "userId": "u", "event": "Seen", "messageId": "m"}]}'
    assert in_chunks("/v1/batch", io.BytesIO(batch), key=ingest_key) == (200, {"success": True, "accepted": 1})


def test_a_body_in_chunks_that_breaks_off_does_nothing(write_key: str, ingest_key: str) -> None:
    status, body = in_chunks("/api/v1/accounts/", Broken(), key=write_key)
    assert (status, body["code"]) == (400, "parse_error")
    assert not Account.objects.exists()
    status, body = in_chunks("/v1/batch", Broken(), key=ingest_key)
    assert (status, body["code"]) == (400, "cut_off")


def test_a_body_in_chunks_has_the_bounds_of_any_other(write_key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wsgi, "MOST_IN_CHUNKS", 3 * LARGEST)
    endless = io.BytesIO(b" " * 8 * LARGEST)
    status, body = in_chunks("/api/v1/accounts/", endless, key=write_key)
    assert (status, body["code"]) == (413, "too_large")
    assert endless.tell() < 4 * LARGEST
