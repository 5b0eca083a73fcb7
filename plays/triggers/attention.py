"""Accounts that need attention because a play is running for them."""

from django.db.models import Min

from accounts.portfolio.models import Account
from accounts.team.models import User
from plays.decisions.queries import because
from plays.definitions.models import Play
from plays.runs.models import Run, StepRun
from retention.work.registry import Attention, attention

WEIGHTS = {priority: 100 - 10 * place for place, priority in enumerate(Play.Priority.values)}


@attention.register("open runs")
def running(user: User, account: Account | None) -> list[Attention]:
    """One entry for each open run that the user may see, heavier for more urgent plays."""
    runs = Run.objects.for_user(user).filter(state=Run.State.OPEN)
    # Work that was closed a moment ago: its run goes on, or ends, in the next round of the pump.
    closed = StepRun.objects.filter(state=StepRun.State.WAITING, work_item__closed_at__isnull=False)
    runs = runs.exclude(pk__in=closed.values("run")).annotate(due_at=Min("steps__work_item__due_at"))
    if account:
        runs = runs.filter(account=account)
    return [
        Attention(
            account_id=run.account_id,
            sentence=f"{run.play.name}: {because(run.decision)}",
            since=run.started_at,
            weight=WEIGHTS[run.version.priority],
            due_at=run.due_at,
        )
        for run in runs.select_related("play", "version", "decision__by")
    ]
