"""Work that exits, fills the memory, never ends or cannot be read: it is given up, and everything else gets done."""

import sys

import pytest

from tests.chaos.installation import Installation, children, wait_until
from tests.chaos.poison import POISONS, TRIES

pytestmark = pytest.mark.processes
SOUND = 40

ACCOUNTS = """
import django, sys
django.setup()
from accounts.foundation.clock import now
from accounts.portfolio import services as portfolio
for number in range(int(sys.argv[1])):
    portfolio.create(name=f"Sound {number}", by=None, at=now())
    if number == 2:
        portfolio.create(name="Poisoned", by=None, at=now())
"""


def counted(place: Installation) -> dict[tuple[str, str], int]:
    """How many reactions there are of each subscriber and state."""
    rows = place.rows("SELECT subscriber, state, count(*) FROM accounts_reaction GROUP BY subscriber, state")
    return {(subscriber, state): count for subscriber, state, count in rows}


def test_poisoned_work_is_given_up_and_the_rest_is_done(place: Installation) -> None:
    place.environment |= {"DJANGO_SETTINGS_MODULE": "tests.chaos.poison.settings", "WORKER_MEMORY_MB": "700"}
    writer = place.start("-c", ACCOUNTS, str(SOUND))
    assert writer.wait(120) == 0, place.logs()
    worker = place.start("work")
    wait_until(lambda: children(worker.pid))
    before = counted(place)
    expected = SOUND + 1
    wait_until(lambda: not any(state == "due" for _, state in counted(place)), 120)
    found = counted(place)
    deaths = place.rows("SELECT error, tries FROM accounts_reaction WHERE state = 'dead' ORDER BY subscriber")
    sys.stdout.write(f"\nof {sum(before.values())} reactions {len(deaths)} were given up: {deaths}\n")
    assert worker.poll() is None, place.logs()
    assert {subscriber for subscriber, state in found if state == "dead"} == set(POISONS)
    for name in POISONS:
        assert found[name, "dead"] == 1
        assert found[name, "done"] >= SOUND
    assert found["sound", "done"] >= expected
    assert {tries for _, tries in deaths} == {TRIES}
    errors = " ".join(error for error, _ in deaths)
    for said in ("ended in the midst", "MemoryError", "TookTooLong", "UnicodeDecodeError"):
        assert said in errors
