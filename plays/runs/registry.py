"""How the timeline tells of runs."""

from collections.abc import Mapping

from accounts.identity.merging import obstacles
from accounts.portfolio.events import EventKind, Group, kinds
from accounts.portfolio.models import Account, AccountEvent
from plays.runs.models import Run
from retention.evaluation.reading import sentence


def _started(event: AccountEvent, people: Mapping[int, str]) -> str:
    because = sentence(event.data["clauses"])
    return f"Play {event.data['play']} started{f': {because}' if because else ' by hand'}"


def _given_up(event: AccountEvent, people: Mapping[int, str]) -> str:
    return f"Play {event.data['play']} waits: its step {event.data['step']} could not be carried out"


@obstacles.register("open runs of one play")
def _both_open(account: Account, into: Account) -> list[str]:
    """One open run per play and account: two cannot become one account's."""
    plays = Run.objects.filter(account=account, state=Run.State.OPEN).values("play")
    both = Run.objects.filter(account=into, state=Run.State.OPEN, play__in=plays).select_related("play")
    return [f"The play {run.play.name} is running for both; finish its work for one of them first." for run in both]


kinds.add("step.given_up", EventKind(_given_up, "error", group=Group.PLAYS))
kinds.add("run.started", EventKind(_started, "play_circle", group=Group.PLAYS))
kinds.add(
    "run.ended", EventKind(lambda event, people: f"Play {event.data['play']} ended", "stop_circle", group=Group.PLAYS)
)
