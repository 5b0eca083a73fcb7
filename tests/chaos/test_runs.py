"""Runs under fire: one occurrence makes one run, none is lost or doubled, whoever dies, sleeps or looks at once."""

import os
import random
import signal
import sys
import time
from collections.abc import Iterator

import pytest

from tests.chaos.conftest import another
from tests.chaos.installation import IS_LONG, Installation, wait_until
from tests.chaos.pumps import Pumps, counts, items, number, once
from tests.chaos.runs import CALENDARS, EVALUATE, FEED, SETUP

pytestmark = pytest.mark.processes
RUNS = 10_000 if IS_LONG else 500
KILLS = 100 if IS_LONG else 10
OCCURRENCES = 10_000 if IS_LONG else 1_000
BACKLOG = 100
CALENDAR_ROWS, DAYS = (1_000, 10) if IS_LONG else (100, 10)
PATIENCE = 1_800 if IS_LONG else 300


@pytest.fixture(scope="module")
def place(first: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with another(first, tmp_path_factory.mktemp("runs")) as installation:
        yield installation


def test_no_run_is_lost_or_doubled_though_workers_are_killed(place: Installation) -> None:
    dice, killed, in_flight = random.Random(5), 0, 0
    with Pumps(place, 2) as pumps:
        feeder = place.start("-c", SETUP + FEED, "kills", str(RUNS), str(RUNS // 20))
        wait_until(lambda: items(place, "kills"), PATIENCE)
        while killed < KILLS:
            time.sleep(dice.uniform(0.1, 0.4))
            waiting = RUNS - items(place, "kills")
            if not waiting:
                break
            in_flight += waiting
            killed += pumps.kill(killed % 2)
        wait_until(lambda: items(place, "kills") >= RUNS, PATIENCE)
        assert feeder.wait(PATIENCE) == 0, place.logs()
    sys.stdout.write(f"\n{killed} workers were killed, with {in_flight // max(killed, 1)} of {RUNS} runs in flight\n")
    assert killed >= KILLS, "the work was over before enough had been killed: nothing was tested"
    assert counts(place, "kills") == once(RUNS)


def test_a_slow_step_is_not_run_beside_itself_and_a_woken_zombie_writes_nothing(place: Installation) -> None:
    with Pumps(place, 2) as pumps:
        pumps.slow.touch()
        place.start("-c", SETUP + FEED, "slow", str(BACKLOG), str(BACKLOG))
        wait_until(lambda: items(place, "slow") == BACKLOG, PATIENCE)
        pumps.slow.touch()
        place.start("-c", SETUP + FEED, "zombie", str(BACKLOG), str(BACKLOG))
        known = set(place.folder.glob("slow-*"))
        wait_until(lambda: set(place.folder.glob("slow-*")) - known or not pumps.slow.exists(), PATIENCE)
        stopped = asleep(place, pumps)
        os.kill(stopped, signal.SIGSTOP)
        in_flight = BACKLOG - items(place, "zombie")
        wait_until(lambda: items(place, "zombie") == BACKLOG, PATIENCE)
        os.kill(stopped, signal.SIGCONT)
        wait_until(lambda: "was rolled back" in place.logs(), 60)
    sys.stdout.write(f"\n1 worker slept over its lease, with {in_flight} of {BACKLOG} steps in flight\n")
    assert in_flight > 0
    assert counts(place, "slow") == once(BACKLOG)
    assert counts(place, "zombie") == once(BACKLOG)


def asleep(place: Installation, pumps: Pumps) -> int:
    """The worker that took the slow step last."""
    newest = max(place.folder.glob("slow-*"), key=lambda path: path.stat().st_ctime)
    return int(newest.name.removeprefix("slow-"))


def test_one_occurrence_makes_one_run_though_the_play_is_edited(place: Installation) -> None:
    place.start("work")
    done = place.start("-c", SETUP + EVALUATE, "edited", str(OCCURRENCES))
    assert done.wait(PATIENCE) == 0, place.logs()
    wait_until(lambda: items(place, "edited") == OCCURRENCES, PATIENCE)
    versions = number(place, "SELECT count(*) FROM plays_playversion v JOIN plays_play p ON p.id = v.play_id "
                      "WHERE p.key = 'edited'")  # fmt: skip
    sys.stdout.write(f"\n{OCCURRENCES} occurrences, four threads and a cluster, {versions} versions of the play\n")
    assert versions > 1, "nobody edited anything meanwhile"
    assert counts(place, "edited") == once(OCCURRENCES)


def test_schedulers_at_once_open_each_calendar_row_once(place: Installation) -> None:
    opened = "SELECT count(*) FROM accounts_occurrence o JOIN accounts_calendar c ON c.id = o.calendar_id"
    with Pumps(place, 3) as pumps:
        maker = place.start("-c", SETUP + CALENDARS, str(CALENDAR_ROWS), str(DAYS))
        wait_until(lambda: number(place, opened), PATIENCE)
        in_flight = CALENDAR_ROWS * DAYS - number(place, opened)
        killed = pumps.kill(0)
        assert maker.wait(PATIENCE) == 0, place.logs()
        wait_until(lambda: number(place, opened) >= (CALENDAR_ROWS - 1) * DAYS, PATIENCE)
    by_calendar = "SELECT c.key, count(*), count(DISTINCT o.day) FROM accounts_occurrence o " \
        "JOIN accounts_calendar c ON c.id = o.calendar_id GROUP BY c.key"  # fmt: skip
    found = {key: (rows, days) for key, rows, days in place.rows(by_calendar)}
    sys.stdout.write(f"\n{killed:d} of 3 schedulers was killed with {in_flight} openings to come; 1 row is malformed\n")
    assert in_flight > 0
    assert found == {f"c{n}": (DAYS, DAYS) for n in range(1, CALENDAR_ROWS)}
    [(error,)] = place.rows("SELECT error FROM accounts_calendar WHERE key = 'c0'")
    assert error.startswith("KeyError"), "the malformed one says what is wrong with it"
