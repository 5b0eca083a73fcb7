"""Why work that a play raised exists."""

from collections.abc import Mapping, Sequence

from plays.decisions.queries import because
from plays.runs.models import StepRun
from retention.work.models import WorkItem
from retention.work.registry import Reason, reasons, reasons_of_many


@reasons.register("play")
def reason_of(item: WorkItem) -> Reason | None:
    """The play, and the clauses that were true when it started; None where no play raised the item."""
    return reasons_of([item]).get(item.pk)


@reasons_of_many.register("play")
def reasons_of(items: Sequence[WorkItem]) -> Mapping[int, Reason]:
    """The same for each of these that a play raised, in one query."""
    steps = StepRun.objects.select_related("run__play", "run__version", "run__decision__by")
    found = steps.filter(work_item__in=[item.pk for item in items])
    return {step.work_item_id: _reason(step) for step in found if step.work_item_id}


def _reason(step: StepRun) -> Reason:
    decision = step.run.decision
    return Reason(
        title=step.run.play.name,
        sentence=because(decision),
        clauses=decision.clauses,
        at=decision.at,
        version=f"version {step.run.version.number}",
    )
