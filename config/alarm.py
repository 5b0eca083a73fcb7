"""The alarm: when the pump must be called although nobody will ring, such as for a retry that is due in seconds.

Whoever pumps sets it, to when the next row comes due; the process of the same worker that waits for calls looks at it.
It lives as long as the worker: the rows are the truth, and the minute's tick finds them without it.
"""

import datetime as dt
import multiprocessing
import time

_at = multiprocessing.get_context("fork").RawValue("d", 0.0)
"""Seconds of the clock, 0 where it is off; shared, without a lock, by the processes of a worker."""


def set_to(at: dt.datetime | None) -> None:
    """Goes off once at `at` and no longer when it was to before; None turns it off."""
    _at.value = at.timestamp() if at else 0.0


def goes_off() -> bool:
    """Whether it is time; says so once."""
    if not _at.value or time.time() < _at.value:
        return False
    _at.value = 0.0
    return True
