"""How the timeline tells of runs."""

from collections.abc import Mapping

from accounts.portfolio.events import EventKind, kinds
from accounts.portfolio.models import AccountEvent
from retention.evaluation.reading import sentence


def _started(event: AccountEvent, people: Mapping[int, str]) -> str:
    return f"Play {event.data['play']} started: {sentence(event.data['clauses'])}"


kinds.add("run.started", EventKind(_started, "play_circle"))
kinds.add("run.ended", EventKind(lambda event, people: f"Play {event.data['play']} ended", "stop_circle"))
