"""The one pump: everything that follows from a signal, in order, until nothing is left to do."""

import datetime as dt
import logging
from collections.abc import Callable

from accounts.events import services as events
from accounts.facts import aging, history, projection
from accounts.foundation import audit, bell
from accounts.foundation.clock import now
from accounts.ingestion.fold import fold
from plays.steps import services as steps
from plays.triggers import services as triggers
from retention.evaluation import baseline, fullpass, passes

log = logging.getLogger(__name__)

STAGES: dict[str, Callable[[], int]] = {
    "fold": fold,
    "project": projection.project_dirty,
    "prepare": baseline.advance,
    "evaluate": passes.evaluate_dirty,
    "trigger": triggers.fire,
    "advance": steps.advance,
    "react": lambda: events.react(at=now()),
}
"""Each stage does a bounded piece of work and says how much it did; 0 means that it is idle."""

LONGEST = dt.timedelta(minutes=3)
"""After this long a worker hands over; it rings first, so that the work goes on."""


def run() -> int:
    """Runs all stages until every one of them is idle; returns how many pieces of work were done."""
    done, until = 0, now() + LONGEST
    with audit.through("job"):
        while moved := sum(_stage(name, stage) for name, stage in STAGES.items()):
            done += moved
            if now() > until:
                bell.ring()
                break
    return done


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
