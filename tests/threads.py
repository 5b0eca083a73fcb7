"""Several callers at the very same moment."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connections

PATIENCE = 30


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Makes all calls together, each in a thread with a database connection of its own; what they returned, in order.

    Needs `transactional_db`: what a test has not committed the threads do not see.
    """
    ready = threading.Barrier(len(calls))

    def started(call: Callable[[], Any]) -> Any:
        ready.wait(PATIENCE)
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result(PATIENCE) for future in [pool.submit(started, call) for call in calls]]
