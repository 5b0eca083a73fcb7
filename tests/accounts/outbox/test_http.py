"""The one HTTP client reaches the public internet and what is allowed by name, and nothing inside."""

import socket
import threading
import time

import pytest

from accounts.outbox import http
from accounts.outbox.http.addresses import is_allowed
from tests.accounts.outbox.receiver import Receiver

PUBLIC = "93.184.215.14"
INSIDE = [
    "127.0.0.1",
    "127.8.8.8",
    "10.0.0.5",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "240.0.0.1",
    "192.0.0.8",
    "198.18.0.1",
    "192.88.99.1",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:93.184.215.14",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2001:0:1::1",
    "fe80::1",
    "fec0::1",
    "fc00::1",
    "ff02::1",
]


@pytest.fixture
def connects(monkeypatch):
    """Every connection that is tried; none comes about."""
    tried = []

    def refuse(address, *args, **kwargs):
        tried.append(address[0])
        raise ConnectionRefusedError("nobody there")

    monkeypatch.setattr(socket, "create_connection", refuse)
    return tried


def resolve(monkeypatch, *answers):
    """Every question for a name is answered by the next of `answers`, the last one for ever."""
    left = list(answers)

    def lookup(host, port, *args, **kwargs):
        found = left.pop(0) if len(left) > 1 else left[0]
        kind = socket.AF_INET6 if ":" in found else socket.AF_INET
        return [(kind, socket.SOCK_STREAM, 6, "", (found, port))]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)


@pytest.mark.parametrize("address", INSIDE)
def test_reaches_nothing_inside(address, monkeypatch, connects):
    resolve(monkeypatch, address)
    with pytest.raises(http.Forbidden, match="private address"):
        http.send("GET", "https://hooks.example.com/x")
    assert connects == []


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "2130706433", "0x7f.1", "127.1", "[::1]", "[::ffff:127.0.0.1]", "localhost"]
)
def test_reaches_nothing_inside_however_it_is_written(host, connects):
    with pytest.raises((http.Forbidden, http.Unreachable)):
        http.send("GET", f"http://{host}:8000/")
    assert connects == []


def test_one_private_address_among_public_ones_is_enough_to_refuse(monkeypatch, connects):
    entries = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 443)) for one in (PUBLIC, "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: entries)
    with pytest.raises(http.Forbidden):
        http.send("GET", "https://hooks.example.com/")
    assert connects == []


def test_a_name_that_changes_its_mind_is_connected_where_it_was_checked(monkeypatch, connects):
    """Rebinding: public when it is checked, private when it is asked again. It is not asked again."""
    resolve(monkeypatch, PUBLIC, "127.0.0.1")
    with pytest.raises(http.Unreachable):
        http.send("GET", "http://rebind.example.com/")
    assert connects == [PUBLIC]


def test_the_next_address_is_tried_where_the_first_does_not_answer(monkeypatch, connects):
    entries = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 443)) for one in (PUBLIC, "93.184.215.15")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: entries)
    with pytest.raises(http.Unreachable):
        http.send("GET", "https://hooks.example.com/")
    assert connects == [PUBLIC, "93.184.215.15"]


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://example.com/",
        "//example.com/",
        "https:///x",
        "example.com",
        "",
        "https://user:word@example.com/",
        "https://exam ple.com/",
        "https://example.com:99999/",
        "https://example.com/\r\nX-Evil: 1",
    ],
)
def test_speaks_to_plain_web_addresses_only(url, connects):
    with pytest.raises(http.Forbidden):
        http.send("GET", url)
    assert connects == []


def test_keeps_the_name_for_the_other_side_and_tells_what_came(settings):
    settings.OUTBOUND_ALLOW = ["localhost"]
    with Receiver(lambda headers, body: (201, {"x-kept": headers["host"]})) as receiver:
        answer = http.send("POST", f"http://localhost:{receiver.port}/hook", content=b"{}", headers={"x-a": "b"})
    assert (answer.status, answer.is_good) == (201, True)
    assert answer.headers["x-kept"] == f"localhost:{receiver.port}"
    [(headers, body)] = receiver.calls
    assert (headers["x-a"], headers["user-agent"], body) == ("b", "Holdfast/1", b"{}")


def test_follows_no_redirect(receiver):
    with Receiver() as inside:
        receiver.plan = lambda headers, body: (302, {"location": inside.url})
        assert http.send("GET", receiver.url).status == 302
    assert inside.connects == 0


def test_gives_up_in_time_though_a_byte_comes_now_and_then(allowed):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        over = threading.Event()
        threading.Thread(target=_drip, args=(listener, over), daemon=True).start()
        began = time.monotonic()
        with pytest.raises(http.Unanswered, match="in time"):
            http.send("GET", f"http://127.0.0.1:{listener.getsockname()[1]}/", seconds=0.6)
        over.set()
    assert time.monotonic() - began < 2


def _drip(listener, over):
    link, _ = listener.accept()
    with link:
        link.sendall(b"HTTP/1.1 200 OK\r\n")
        while not over.wait(0.1):
            try:
                link.sendall(b"x: y\r\n")
            except OSError:
                return


def test_a_line_that_breaks_leaves_it_open_what_arrived(allowed):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        threading.Thread(target=lambda: listener.accept()[0].close(), daemon=True).start()
        with pytest.raises(http.Unanswered):
            http.send("POST", f"http://127.0.0.1:{listener.getsockname()[1]}/", content=b"x" * 9, seconds=3)


def test_reads_no_more_than_it_was_told(allowed):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        threading.Thread(target=_flood, args=(listener,), daemon=True).start()
        answer = http.send("GET", f"http://127.0.0.1:{listener.getsockname()[1]}/", largest=1000, seconds=5)
    assert len(answer.body) == 1000


def _flood(listener):
    link, _ = listener.accept()
    with link:
        try:
            link.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 50000000\r\n\r\n")
            for _ in range(500):
                link.sendall(b"y" * 100_000)
        except OSError:
            return


@pytest.mark.parametrize(
    ("entry", "host", "port", "is_so"),
    [
        ("crm.local", "crm.local", 443, True),
        ("CRM.local:8443", "crm.local", 8443, True),
        ("crm.local:8443", "crm.local", 443, False),
        ("crm.local", "evil-crm.local", 443, False),
        ("crm.local", "crm.local.evil.com", 443, False),
        ("[::1]:80", "::1", 80, True),
    ],
)
def test_allows_private_hosts_by_name(entry, host, port, is_so, settings):
    settings.OUTBOUND_ALLOW = [entry]
    assert is_allowed(host, port) is is_so
