"""Sending one request: to checked addresses, without redirects, bounded in time and size."""

import functools
import ssl
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import httpcore
import httpx

from accounts.outbox.http.addresses import SCHEMES, checked_url
from accounts.outbox.http.connecting import CheckedBackend

SECONDS = 10.0
LARGEST = 1024 * 1024
AGENT = "Holdfast/1"


class Unreachable(RuntimeError):
    """No connection came about: nothing was sent, for certain."""


class Unanswered(RuntimeError):
    """The request may have arrived, but no whole answer came back."""


@dataclass(frozen=True)
class Answer:
    """What came back: also refusals and redirects, which nobody follows."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    seconds: float = 0.0

    @property
    def is_good(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300


def send(
    method: str,
    url: str,
    *,
    content: bytes = b"",
    headers: Mapping[str, str] | None = None,
    seconds: float = SECONDS,
    largest: int = LARGEST,
) -> Answer:
    """Sends one request and returns the answer, whatever its status; all in `seconds`, with `largest` bytes of body.

    Forbidden where the address leads inside, Unreachable where nothing was sent, Unanswered otherwise.
    """
    checked, began = checked_url(url), time.monotonic()
    own = {"User-Agent": AGENT, "Accept-Encoding": "identity", **(headers or {})}
    try:
        with (
            httpx.Client(transport=_Transport(seconds), trust_env=False, follow_redirects=False) as client,
            client.stream(method, checked, content=content, headers=own) as response,
        ):
            body = _bounded(response, largest)
    except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
        raise Unreachable(f"No connection to {checked.host}: {error or 'it did not answer in time'}") from error
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise Unanswered(f"{_described(error)} ({checked.host})") from error
    return Answer(response.status_code, dict(response.headers), body, time.monotonic() - began)


def _described(error: Exception) -> str:
    if isinstance(error, httpcore.TimeoutException):
        return "It did not answer in time"
    return f"The connection broke: {error or type(error).__name__}"


def _bounded(response: httpx.Response, largest: int) -> bytes:
    """The body, cut at `largest` bytes: nobody fills our memory."""
    body = b""
    for chunk in response.iter_raw():
        body += chunk
        if len(body) >= largest:
            break
    return body[:largest]


class _Transport(httpx.BaseTransport):
    """Carries the requests of one client over connections that `CheckedBackend` opened."""

    def __init__(self, seconds: float) -> None:
        backend = CheckedBackend(seconds)
        self.pool = httpcore.ConnectionPool(
            ssl_context=_ssl_context(), max_connections=1, keepalive_expiry=0, network_backend=backend
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        port = url.port or SCHEMES[url.scheme]
        answer = self.pool.handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=port, target=url.raw_path),
                headers=request.headers.raw,
                content=request.stream,
            )
        )
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer))

    def close(self) -> None:
        self.pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self.answer = answer

    def __iter__(self) -> Iterator[bytes]:
        yield from self.answer.iter_stream()

    def close(self) -> None:
        self.answer.close()


@functools.cache
def _ssl_context() -> ssl.SSLContext:
    """Certificates are always checked, against the name in the address. Reading them takes a while."""
    return httpx.create_ssl_context(trust_env=False)
