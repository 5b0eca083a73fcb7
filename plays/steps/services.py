import datetime as dt
import math

from django.db import transaction

from accounts.events.subscriptions import subscribe
from accounts.foundation import claims
from accounts.portfolio.events import happened
from accounts.portfolio.models import AccountEvent
from plays.runs import services as runs
from plays.runs.models import StepRun
from plays.steps.registry import step_kinds

RELATED = ("run__account", "run__play", "run__version", "definition")


def advance(*, at: dt.datetime | None = None, seconds: float = math.inf) -> int:
    """Starts steps whose turn has come, for about so many seconds; returns how many were claimed."""
    return claims.carry_out("steps", at=at, seconds=seconds)


def _start(step: StepRun, at: dt.datetime) -> None:
    """Starts one step. A kind that hands it to nobody is done at once, and the run goes on."""
    with transaction.atomic():
        is_done = step_kinds[step.definition.kind].start(step, at) is True
        state = StepRun.State.DONE if is_done else StepRun.State.WAITING
        with claims.concluding(step, state=state, started_at=at, ended_at=at if is_done else None):
            pass
        if is_done:
            runs.go_on(step, at=at)


def _gave_up(step: StepRun, at: dt.datetime) -> None:
    """The run waits: a person tries the step again, or lets the run go on without it."""
    run = step.run
    happened("step.given_up", run.account, by=None, at=at, subject=run, play=run.play.name, step=step.definition.key)


def _discarded(step: StepRun, at: dt.datetime) -> None:
    runs.go_on(step, at=at)


def _told(step: StepRun) -> str:
    return f"“{_title(step)}”, a step of {step.run.play}"


def _title(step: StepRun) -> str:
    """What the step is called for this account."""
    title = step.definition.config.get("title") or step.definition.key
    return str(title).replace("{account}", step.run.account.name)


@subscribe("work.closed", name="advance the run of closed work")
def work_closed(event: AccountEvent) -> None:
    """The work of a step was closed: the run goes on."""
    step = StepRun.objects.filter(work_item=event.subject_id).select_related("run__version", "definition").first()
    if step:
        runs.step_done(step, at=event.at)


claims.work.add(
    "steps",
    claims.Work(StepRun, "step", _start, related=RELATED, describe=_told, gave_up=_gave_up, discarded=_discarded),
)
