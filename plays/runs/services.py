import datetime as dt

from django.db import transaction

from accounts.foundation import audit, bell
from accounts.portfolio.events import happened
from plays.decisions.models import Decision
from plays.runs.models import Run, StepRun
from retention.work.models import WorkItem


class RunAlreadyOpen(RuntimeError):
    """A run of this play is open for this account; nothing was started."""


@transaction.atomic
def start(decision: Decision, *, at: dt.datetime) -> Run:
    """The run that `decision` asks for, with its first step due."""
    if Run.objects.filter(play=decision.play, account=decision.account, state=Run.State.OPEN).exists():
        raise RunAlreadyOpen(f"{decision.play} is running for {decision.account} already.")
    run = Run(
        play=decision.play,
        version=decision.version,
        account=decision.account,
        decision=decision,
        occurrence_key=decision.occurrence_key,
        started_at=at,
    )
    audit.create(run, verb="run.start", by=None, at=at)
    happened("run.started", run.account, by=None, at=at, subject=run, play=run.play.name, clauses=decision.clauses)
    _next_step(run, after=-1, at=at)
    return run


def handed_over(step: StepRun, *, item: WorkItem) -> None:
    """Notes that `step` waits for a person to do `item`."""
    StepRun.objects.filter(pk=step.pk).update(work_item=item)


@transaction.atomic
def step_done(step: StepRun, *, at: dt.datetime) -> None:
    """Ends `step` and makes the next one due; after the last one the run ends. Harmless when done before."""
    claimed = StepRun.objects.filter(pk=step.pk).exclude(state=StepRun.State.DONE)
    if claimed.update(state=StepRun.State.DONE, ended_at=at):
        _next_step(step.run, after=step.definition.position, at=at)


def _next_step(run: Run, *, after: int, at: dt.datetime) -> None:
    following = run.version.steps.filter(position__gt=after).first()
    if following is None:
        audit.update(run, verb="run.end", by=None, at=at, state=Run.State.ENDED, ended_at=at)
        happened("run.ended", run.account, by=None, at=at, subject=run, play=run.play.name)
        return
    StepRun.objects.create(run=run, definition=following)
    bell.ring()
