"""Sends items through the signal door's own check and store, and has them folded before they pile up."""

import datetime as dt
import json
from collections.abc import Iterable

from accounts.ingestion import services as ingestion
from accounts.ingestion import wire
from accounts.ingestion.fold import fold
from accounts.workspace.models import Source
from config.demo.usage import Item

ITEMS = 1_000
"""Items a request: well below what the door refuses, whatever the items hold."""
REQUESTS = 8
"""Requests that wait before they are folded: keeps memory the same for any size of the book."""
CONTEXT = {"library": {"name": "holdfast-demo", "version": "1"}}


class Sender:
    """Sends everything of one source. Each account's items go in order; `finish` sends what is left."""

    def __init__(self, source: Source, *, at: dt.datetime) -> None:
        self.source, self.at = source, at
        self.waiting: list[Item] = []
        self.stored = 0

    def send(self, items: Iterable[Item]) -> None:
        """Takes `items` after those that came before."""
        self.waiting += items
        while len(self.waiting) >= ITEMS:
            self._post(self.waiting[:ITEMS])
            del self.waiting[:ITEMS]

    def finish(self) -> None:
        """Sends the rest, and folds until nothing is left."""
        if self.waiting:
            self._post(self.waiting)
            self.waiting = []
        self._fold()

    def _post(self, items: list[Item]) -> None:
        body = json.dumps({"batch": items, "context": CONTEXT, "sentAt": self.at.isoformat()}).encode()
        found = wire.checked(wire.unpacked(body, encoding=""), call="batch")
        if found.problems:
            raise ValueError(f"The door would not take the demo's signals: {found.problems[0]}")
        ingestion.accept(body, call="batch", source=self.source, at=self.at)
        self.stored += 1
        if self.stored >= REQUESTS:
            self._fold()

    def _fold(self) -> None:
        while fold():
            pass
        self.stored = 0
