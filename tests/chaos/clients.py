"""Clients that send signals and repeat until they are told that it arrived, as SDKs do."""

import http.client
import itertools
import json
import threading
import time
from collections import Counter

from accounts.ingestion.signals import digest
from tests.chaos.installation import Installation, wait_until

ITEMS = 40
FAILURES = (OSError, http.client.HTTPException, ValueError)


class Clients:
    """Several clients at once. Each batch holds good items with ids of their own, and a bad one."""

    def __init__(self, *places: Installation, count: int) -> None:
        self.places, self.is_over = itertools.cycle(places), threading.Event()
        self.in_flight, self.answers = 0, Counter[str]()
        self.accepted: set[str] = set()
        self.batches = self.unnamed = 0
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._send_on, args=(number,)) for number in range(count)]

    def __enter__(self) -> "Clients":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.is_over.set()
        for thread in self._threads:
            thread.join(60)

    def go_on(self, *, batches: int, within: float) -> None:
        """Waits until they have sent so many more batches."""
        aim = self.batches + batches
        wait_until(lambda: self.batches >= aim, within)

    def compared(self, place: Installation) -> tuple[int, int]:
        """How many of the accepted signals are lost in `place`, and how many are there twice."""
        found = place.messages()
        return len(self.accepted - set(found)), len(found) - len(set(found))

    def _send_on(self, client: int) -> None:
        number = 0
        while not self.is_over.is_set():
            number += 1
            names = [f"{client}-{number}-{item}" for item in range(ITEMS)]
            problems = self._repeat(_body(names))
            with self._lock:
                self.accepted.update(digest(name.encode()) for name in names)
                self.batches += 1
                self.unnamed += [problem["index"] for problem in problems] != [ITEMS // 2]

    def _repeat(self, body: bytes) -> list[dict[str, int]]:
        """Sends one batch until it is answered 2xx; what the answer says of bad items."""
        while True:
            with self._lock:
                self.in_flight += 1
            try:
                status, answer = next(self.places).post(body)
            except FAILURES as error:
                status, answer = 0, {"error": type(error).__name__}
            with self._lock:
                self.in_flight -= 1
                self.answers[str(status or answer["error"])] += 1
            if status == 200:
                return answer.get("quarantined", [])
            time.sleep(0.05)


def _body(names: list[str]) -> bytes:
    items = [
        {
            "type": "track",
            "event": "Report Viewed",
            "userId": f"user-{place % 9}",
            "messageId": name,
            "context": {"groupId": "acct-1"},
        }
        for place, name in enumerate(names)
    ]
    items.insert(ITEMS // 2, {"type": "track", "userId": {"not": names[0]}})
    return json.dumps({"batch": items}).encode()
