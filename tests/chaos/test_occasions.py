"""Events, signals, cadences and windows under fire: each occasion starts its play once, whoever dies meanwhile."""

import random
import sys
import time

import pytest

from tests.chaos.installation import IS_LONG, Installation, children, kill, wait_until
from tests.chaos.occasions import HAPPEN, PREPARE, SMALL_PIECES
from tests.chaos.pumps import Pumps, counts, items, number, once
from tests.chaos.runs import SETUP

pytestmark = pytest.mark.processes
KINDS = ("event", "signal", "cadence", "window")
ACCOUNTS, KILLS = (2_500, 100) if IS_LONG else (80, 6)
PATIENCE = 1_200 if IS_LONG else 240


def left(place: Installation) -> int:
    """Occasions that nobody has work for yet."""
    return sum(ACCOUNTS - items(place, kind) for kind in KINDS)


def one_of(worker: int, dice: random.Random) -> bool:
    """Ends one process of a cluster, whichever: it begins anew as a whole. False where it is about to."""
    found = [pid for keeper in children(worker) for pid in children(keeper)]
    return bool(found) and kill(dice.choice(found))


def test_every_occasion_starts_one_run_though_workers_are_killed(place: Installation) -> None:
    preparing = place.start("-c", SETUP + PREPARE, str(ACCOUNTS))
    assert preparing.wait(PATIENCE) == 0, place.logs()
    dice, killed, rounds, in_flight = random.Random(7), 0, 0, 0
    work = place.start("work")
    with Pumps(place, 2, SMALL_PIECES, str(max(10, ACCOUNTS // 20))) as pumps:
        happening = place.start("-c", SETUP + HAPPEN, str(ACCOUNTS // 20))
        wait_until(lambda: left(place) < len(KINDS) * ACCOUNTS, PATIENCE)
        while killed < KILLS and (waiting := left(place)):
            rounds, in_flight = rounds + 1, in_flight + waiting
            if IS_LONG and rounds % 5 == 0:  # what it had claimed comes free two minutes later
                killed += one_of(work.pid, dice)
            else:
                killed += pumps.kill(rounds % 2)
            time.sleep(dice.uniform(0.2, 1))
        assert happening.wait(PATIENCE) == 0, place.logs()
        wait_until(lambda: not left(place), PATIENCE)
    sys.stdout.write(
        f"\n{killed} workers were killed, with {in_flight // max(rounds, 1)} of {len(KINDS) * ACCOUNTS} occasions in "
        f"flight: {', '.join(KINDS)}; lost 0, double 0\n"
    )
    assert killed >= KILLS, "the work was over before enough had been killed: nothing was tested"
    for kind in KINDS:
        assert counts(place, kind) == once(ACCOUNTS), kind
    assert number(place, "SELECT count(*) FROM plays_decision") == len(KINDS) * ACCOUNTS
    assert number(place, "SELECT count(*) FROM plays_candidate") == 0
    assert work.poll() is None, place.logs()
