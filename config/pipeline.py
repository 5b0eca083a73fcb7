"""The one pump: everything that follows from a signal, in order, until nothing is left to do."""

import datetime as dt
import logging
from collections.abc import Callable
from functools import partial

from django.db import Error

from accounts.calendar import services as calendar
from accounts.events import services as events
from accounts.facts import aging, history, projection
from accounts.foundation import audit, bell
from accounts.foundation.clock import now
from accounts.foundation.waiting import next_due
from accounts.ingestion.fold import fold
from accounts.ingestion.plan import history as plan_history
from accounts.outbox import couriers
from config import alarm, cluster
from plays.steps import services as steps
from plays.triggers import services as triggers
from retention.evaluation import baseline, fullpass, passes
from retention.slas import clocks

log = logging.getLogger(__name__)

TURN = 0.2
"""Seconds that steps and reactions get in a round: a burst of them must not keep new signals waiting."""


STAGES: dict[str, Callable[[], int]] = {
    "fold": fold,
    "count": plan_history.advance,
    "project": projection.project_dirty,
    "prepare": baseline.advance,
    "evaluate": passes.evaluate_dirty,
    "calendar": calendar.open_due,
    "trigger": triggers.fire,
    "advance": partial(steps.advance, seconds=TURN),
    "clocks": clocks.advance,
    "react": partial(events.react, seconds=TURN),
    "deliver": couriers.deliver,
}
"""Each stage does a bounded piece of work and says how much it did; 0 means that it is idle."""

LONGEST = dt.timedelta(minutes=3)
"""After this long, or when it is told to end, a worker hands over; it rings first, so that the work goes on."""

SILENCE = dt.timedelta(seconds=90)
"""After this long without an answered bell the minute's tick has not come, whatever became of the queue."""


def run() -> int:
    """Runs all stages until every one of them is idle; returns how many pieces of work were done."""
    done, until = 0, now() + LONGEST
    with audit.through("job"):
        while moved := sum(_stage(name, stage) for name, stage in STAGES.items()):
            done += moved
            if now() > until or cluster.is_ending():
                bell.ring()
                break
    _set_alarm()
    return done


def _set_alarm() -> None:
    """So that what comes due in seconds need not wait for the minute's tick."""
    try:
        alarm.set_to(next_due(now()))
    except Error:
        log.exception("When to go on could not be asked; the next sweep finds what is due.")


def wake() -> None:
    """What the alarm calls: something comes due now. Many workers know it, one bell calls one of them."""
    bell.ring()


def _stage(name: str, stage: Callable[[], int]) -> int:
    """One round of one stage. An error in it is logged and does not keep the other stages from working."""
    try:
        return stage()
    except Exception:
        log.exception("Stage %s failed; the next sweep tries it again.", name)
        return 0


def answer(name: str) -> int:
    """What the queue calls when bell `name` rings."""
    bell.answered(name)
    return run()


def tick() -> int:
    """Once a minute: finds what is due although nobody rang, such as windows that ended with the day."""
    while aging.project_aged():
        pass
    return answer("pump")


def beat() -> None:
    """Every few seconds in every worker, without the queue: comes for a ring that got lost, and for a lost tick.

    It also sets the alarm: whoever pumped last, and set its own, may have died since.
    """
    if bell.unheard("pump"):
        answer("pump")
        return
    answered = bell.silent_since("pump")
    if answered is None or now() - answered > SILENCE:
        tick()
        return
    _set_alarm()


def nightly() -> int:
    """Called now and then; once a night looks at every account. Returns how many verdicts had been missed."""
    if not fullpass.is_due(at=now()):
        return 0
    with audit.through("job"):
        missed = fullpass.run().missed.total()
        while history.trim(at=now()):
            pass
    answer("pump")
    return missed
