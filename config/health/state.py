"""What all three health pages tell, read once."""

import datetime as dt
from dataclasses import dataclass

from accounts.foundation import workers
from accounts.foundation.models import Worker
from accounts.foundation.waiting import MOST, Waiting, oldest_due, stages

SLOW = dt.timedelta(seconds=60)
"""Work that is due for longer does not move as it should."""


@dataclass(frozen=True)
class Stage:
    """One stage of waiting work, as it is at an instant."""

    name: str
    waiting: Waiting
    age_s: float
    """Since when its oldest row is due, in seconds; 0 where nothing waits."""

    @property
    def is_slow(self) -> bool:
        return self.age_s > SLOW.total_seconds()

    @property
    def has_more(self) -> bool:
        """Whether nobody counted to the end."""
        return self.waiting.count > MOST


@dataclass(frozen=True)
class State:
    """The whole machine at an instant."""

    stages: list[Stage]
    living: list[Worker]
    lost: list[Worker]

    @property
    def oldest_due_s(self) -> float:
        return max((stage.age_s for stage in self.stages), default=0.0)


def state(at: dt.datetime) -> State:
    """Everything, for those who look closely."""
    found = [Stage(name, one, seconds(one.oldest_due_at, at) or 0.0) for name, one in stages(at).items()]
    return State(found, list(workers.living(at)), list(workers.lost(at)))


def summary(at: dt.datetime) -> dict[str, str | float | None]:
    """What the health page answers: status, age of the oldest due row, time since a worker was seen."""
    oldest = seconds(oldest_due(at), at) or 0.0
    return {
        "status": "slow" if oldest > SLOW.total_seconds() else "ok",
        "oldest_due_s": oldest,
        "workers_seen_s": seconds(workers.last_seen(), at),
    }


def seconds(since: dt.datetime | None, at: dt.datetime) -> float | None:
    """How long ago that was; None where it never was."""
    return None if since is None else round(max(0.0, (at - since).total_seconds()), 1)
