"""What a client writes into its content type cannot bring the server down."""

import io
from typing import Any

import pytest

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
