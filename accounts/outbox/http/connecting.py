"""Connections to checked addresses, which end in time whatever the other side does."""

import ssl
import time
from collections.abc import Iterable
from typing import Any

import httpcore

from accounts.outbox.http.addresses import addresses_of


class CheckedBackend(httpcore.NetworkBackend):
    """Opens connections to checked addresses only. All of them together end after `seconds`."""

    def __init__(self, seconds: float) -> None:
        self.inner = httpcore.SyncBackend()
        self.until = time.monotonic() + seconds

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Resolves `host`, checks what came, and connects to the first address that answers."""
        try:
            addresses = addresses_of(host, port)
        except OSError as error:
            raise httpcore.ConnectError(f"{host} is not known: {error.strerror or error}") from error
        for address in addresses[:-1]:
            try:
                return self._connect(address, port)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return self._connect(addresses[-1], port)

    def _connect(self, address: str, port: int) -> httpcore.NetworkStream:
        left = _left(self.until, httpcore.ConnectTimeout)
        return _Bounded(self.inner.connect_tcp(address, port, timeout=left), self.until)

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        """Never: a socket of this machine is inside."""
        raise httpcore.UnsupportedProtocol("Only http and https are spoken.")


class _Bounded(httpcore.NetworkStream):
    """A connection with one deadline for everything: who sends a byte now and then does not prolong it."""

    def __init__(self, stream: httpcore.NetworkStream, until: float) -> None:
        self.stream, self.until = stream, until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.stream.read(max_bytes, _left(self.until, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.stream.write(buffer, _left(self.until, httpcore.WriteTimeout))

    def close(self) -> None:
        self.stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _left(self.until, httpcore.ConnectTimeout)
        return _Bounded(self.stream.start_tls(ssl_context, server_hostname, left), self.until)

    def get_extra_info(self, info: str) -> Any:
        return self.stream.get_extra_info(info)


def _left(until: float, too_late: type[Exception]) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise too_late("The time was over.")
    return left
