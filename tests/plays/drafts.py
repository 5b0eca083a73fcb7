"""Plays for tests: a trigger on active users, and what follows."""

import datetime as dt
from typing import Any

from accounts.portfolio.models import Account
from plays.definitions import services as definitions
from plays.definitions.models import Play
from plays.definitions.services import PlayDraft, StepDraft
from retention.evaluation.models import Edge, Watch
from tests.factories.accounts import AT
from tests.factories.retention import CONDITION, EdgeFactory

TASK: dict[str, Any] = {"title": "Call {account}", "owner": "csm", "due": "1 bd", "guidance": "Ask what changed."}


def draft(**values: Any) -> PlayDraft:
    given = {
        "key": "usage_low",
        "name": "Usage low",
        "purpose": "Talk to them in time.",
        "priority": "critical",
        "trigger": dict(CONDITION),
        "again_after_days": None,
        "steps": (StepDraft("call", "human_task", dict(TASK)),),
    }
    return PlayDraft(**{**given, **values})


def active_play(**values: Any) -> Play:
    version = definitions.publish(draft(**values), by=None, at=AT)
    return definitions.activate(version.play, by=None, at=AT)


def edge(play: Play, account: Account, *, n: int = 1, at: dt.datetime = AT, **values: Any) -> Edge:
    """The play's condition became true for `account`, and nobody has read it yet."""
    watch = Watch.objects.get(key=play.watch_key)
    return EdgeFactory(watch=watch, account=account, n=n, at=at, **{"pending": True, **values})
