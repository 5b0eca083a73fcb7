import datetime as dt
import logging

from django.db import transaction

from accounts.events.subscriptions import subscribe
from accounts.foundation.clock import now
from accounts.portfolio.models import AccountEvent
from plays.runs import services as runs
from plays.runs.models import StepRun
from plays.steps.registry import step_kinds

log = logging.getLogger(__name__)

BATCH = 200


def advance(*, at: dt.datetime | None = None) -> int:
    """Starts the steps whose turn has come; returns how many."""
    due = StepRun.objects.filter(state=StepRun.State.DUE).order_by("id")
    return sum(_start(pk, at=at or now()) for pk in due.values_list("pk", flat=True)[:BATCH])


def _start(pk: int, *, at: dt.datetime) -> int:
    try:
        with transaction.atomic():
            if not StepRun.objects.filter(pk=pk, state=StepRun.State.DUE).update(
                state=StepRun.State.STARTED, started_at=at
            ):
                return 0
            step = StepRun.objects.select_related("run__account", "run__version", "definition").get(pk=pk)
            step_kinds[step.definition.kind].start(step, at)
    except Exception:  # one step that cannot start must not stop the others
        log.exception("Step %s could not be started; the next sweep tries again.", pk)
        return 0
    return 1


@subscribe("work.closed", name="advance the run of closed work")
def work_closed(event: AccountEvent) -> None:
    """The work of a step was closed: the run goes on."""
    step = StepRun.objects.filter(work_item=event.subject_id).select_related("run__version", "definition").first()
    if step:
        runs.step_done(step, at=event.at)
