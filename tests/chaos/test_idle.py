"""A worker that has nothing to do takes hardly any of the processor."""

import os
import sys
import time
from pathlib import Path

import pytest

from tests.chaos.installation import IS_LONG, Installation, children, parts, wait_until

pytestmark = pytest.mark.processes
SECONDS = 90 if IS_LONG else 20
"""Two beats of every process, and in the long form the minute's tick as well."""
SHARE = 0.02
TICKS = os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """A process and all below it."""
    return [pid, *(one for child in children(pid) for one in family(child))]


def spent(pids: list[int]) -> float:
    """The seconds of the processor that these took so far."""
    fields = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids]
    return sum(int(one[11]) + int(one[12]) for one in fields) / TICKS


def test_an_idle_worker_takes_less_than_two_hundredths_of_a_core(place: Installation) -> None:
    work = place.start("work")
    parts(work.pid)
    wait_until(lambda: place.rows("SELECT count(*) FROM accounts_bell WHERE answered_at IS NOT NULL") == [(1,)])
    time.sleep(5)  # what it does once, when it begins
    pids = family(work.pid)
    before, began = spent(pids), time.monotonic()
    time.sleep(SECONDS)
    share = (spent(pids) - before) / (time.monotonic() - began)
    sys.stdout.write(f"\n{len(pids)} processes of an idle worker took {share:.2%} of a core in {SECONDS} s\n")
    assert family(work.pid) == pids, "it began anew meanwhile"
    assert share < SHARE
