"""A receiver of webhooks on this machine: it counts what arrives and answers as it is told."""

import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Plan = Callable[[dict[str, str], bytes], tuple[int, dict[str, str]]]


class Receiver:
    """Listens on loopback. `answer` says for each call which status and headers to send; None breaks the line."""

    def __init__(self, answer: Plan | int = 204, *, wait: float = 0.0, port: int = 0) -> None:
        self.plan: Plan = answer if callable(answer) else lambda headers, body: (answer, {})
        self.wait = wait
        self.calls: list[tuple[dict[str, str], bytes]] = []
        self.connects = 0
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def setup(self) -> None:
                owner.connects += 1
                super().setup()

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                owner.calls.append((headers, body))
                time.sleep(owner.wait)
                status, more = owner.plan(headers, body)
                self.send_response(status)
                for name, value in more.items():
                    self.send_header(name, value)
                self.send_header("content-length", "0")
                self.end_headers()

            def do_GET(self) -> None:
                self.do_POST()

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)

    @property
    def port(self) -> int:
        return self.server.server_address[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def ids(self) -> list[str]:
        """The webhook-id of every call, in order."""
        return [headers["webhook-id"] for headers, _ in self.calls]

    def __enter__(self) -> "Receiver":
        self.thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.server.shutdown()
        self.server.server_close()
