"""Sends items through the signal door's own check and store, and has them folded before they pile up."""

import datetime as dt
import json
from collections.abc import Iterable

from accounts.ingestion import services as ingestion
from accounts.ingestion import wire
from accounts.ingestion.fold import fold
from accounts.workspace.models import Source
from config.demo.item import Item

ITEMS = 1_000
"""Items a request: well below what the door refuses, whatever the items hold."""
REQUESTS = 8
"""Requests that wait before they are folded: keeps memory the same for any size of the book."""
CONTEXT = {"library": {"name": "holdfast-demo", "version": "1"}}


class Sender:
    """Sends everything of one source. Each account's items go in order; `finish` sends what is left.

    Who asks it not to fold leaves that to the pump.
    """

    def __init__(self, source: Source, *, at: dt.datetime, folds: bool = True) -> None:
        self.source, self.at, self.folds = source, at, folds
        self.waiting: list[Item] = []
        self.stored = 0

    def send(self, items: Iterable[Item]) -> None:
        """Takes `items` after those that came before."""
        self.waiting += items
        while len(self.waiting) >= ITEMS:
            self._post(self.waiting[:ITEMS])
            del self.waiting[:ITEMS]

    def send_then(self, items: list[Item], *, at: dt.datetime) -> None:
        """Sends `items` as a request that came at `at`: the door takes nothing that was old when it came."""
        if items:
            self._post(items, at=at)

    def finish(self) -> None:
        """Sends the rest, and folds until nothing is left."""
        if self.waiting:
            self._post(self.waiting)
            self.waiting = []
        self._fold()

    def _post(self, items: list[Item], *, at: dt.datetime | None = None) -> None:
        body = json.dumps({"batch": items, "context": CONTEXT, "sentAt": (at or self.at).isoformat()}).encode()
        found = wire.checked(wire.unpacked(body, encoding=""), call="batch")
        if found.problems:
            raise ValueError(f"The door would not take the demo's signals: {found.problems[0]}")
        ingestion.accept(body, call="batch", source=self.source, at=at or self.at)
        self.stored += 1
        if self.stored >= REQUESTS:
            self._fold()

    def _fold(self) -> None:
        while self.folds and fold():
            pass
        self.stored = 0
