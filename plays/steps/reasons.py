"""Why work that a play raised exists."""

from plays.decisions.queries import because
from plays.runs.models import StepRun
from retention.work.models import WorkItem
from retention.work.registry import Reason, reasons


@reasons.register("play")
def reason_of(item: WorkItem) -> Reason | None:
    """The play, and the clauses that were true when it started; None where no play raised the item."""
    steps = StepRun.objects.select_related("run__play", "run__version", "run__decision__by")
    step = steps.filter(work_item=item).first()
    if step is None:
        return None
    decision = step.run.decision
    return Reason(
        title=step.run.play.name,
        sentence=because(decision),
        clauses=decision.clauses,
        at=decision.at,
        version=f"version {step.run.version.number}",
    )
