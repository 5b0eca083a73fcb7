"""A mail server on this machine that counts what it accepted, by Message-ID."""

import socket
import threading
import time
from collections import Counter
from email import message_from_bytes
from typing import Any

from aiosmtpd.controller import Controller


class _Box:
    """Accepts everything, a little slowly, so that a sender can be ended between handing over and the answer."""

    def __init__(self, wait: float) -> None:
        self.wait, self.lock = wait, threading.Lock()
        self.arrived: Counter[str] = Counter()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        name = str(message_from_bytes(envelope.content)["Message-ID"])
        with self.lock:
            self.arrived[name] += 1
        time.sleep(self.wait)
        return "250 OK"


class MailServer:
    """Runs in a thread of its own while the block lasts."""

    def __init__(self, *, wait: float = 0.05) -> None:
        self.box = _Box(wait)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.controller = Controller(self.box, hostname="127.0.0.1", port=self.port)

    def __enter__(self) -> "MailServer":
        self.controller.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.controller.stop()

    @property
    def url(self) -> str:
        """As EMAIL_URL names it."""
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def arrived(self) -> Counter[str]:
        """Message-ID → how often it was accepted."""
        with self.box.lock:
            return Counter(self.box.arrived)
