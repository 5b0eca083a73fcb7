"""Conversion between stages: of those that entered one within a year, who went on, fell back, is still there."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from itertools import groupby
from statistics import median
from typing import Any

from accounts.portfolio.models import Account
from retention.evaluation.models import Edge
from retention.lifecycle.models import LifecycleVersion, StageChange

BACK = dt.timedelta(days=365)
MOST = 200_000
"""Moves that are looked at: a page must answer, however long the history."""


@dataclass
class Flow:
    """One stage: the accounts that entered it within a year, and what became of them first."""

    key: str
    name: str
    position: int
    entered: int = 0
    on: Counter[str] = field(default_factory=Counter)
    back: Counter[str] = field(default_factory=Counter)
    out: int = 0
    still: int = 0
    days: list[float] = field(default_factory=list)

    @property
    def went_on(self) -> int:
        return self.on.total()

    @property
    def backs(self) -> list[tuple[str, int]]:
        """Where those that fell back went, the most first."""
        return self.back.most_common()

    @property
    def leaked(self) -> int:
        """Those that fell back, or out of the lifecycle."""
        return self.back.total() + self.out

    @property
    def share(self) -> int | None:
        """Of those that left it, how many in a hundred went on; None while nobody has left."""
        left = self.went_on + self.leaked
        return round(100 * self.went_on / left) if left else None

    @property
    def median_days(self) -> int | None:
        """Half of those that left it took no longer."""
        return round(median(self.days)) if self.days else None


def funnel(version: LifecycleVersion, user: Any, *, at: dt.datetime) -> list[Flow]:
    """The stages of `version` in their order, over the accounts that `user` may see."""
    flows = {stage.key: Flow(stage.key, stage.name, stage.position) for stage in version.stages.all()}
    changes = StageChange.objects.filter(
        lifecycle=version.lifecycle,
        at__gt=at - BACK,
        at__lte=at,
        account__in=Account.objects.for_user(user).values("pk"),
    ).order_by("account", "at", "id")
    rows = changes.values_list("account", "from_stage__key", "to_stage__key", "at", "cause")[:MOST]
    for _, path in groupby(rows, key=lambda row: row[0]):
        _walk(list(path), flows)
    return list(flows.values())


def _walk(path: list[tuple[Any, ...]], flows: dict[str, Flow]) -> None:
    """Counts the visits of one account, each with what followed it."""
    for place, (_, _, to, at, cause) in enumerate(path):
        flow = flows.get(to or "")
        if flow is None:
            continue
        flow.entered += 1
        if place + 1 == len(path):
            flow.still += 1
            continue
        _, _, then, left_at, _ = path[place + 1]
        if cause != Edge.Cause.DEFINITION:  # nobody knows for how long those had been there
            flow.days.append((left_at - at).total_seconds() / 86400)
        following = flows.get(then or "")
        if following is None:
            flow.out += 1
        else:
            (flow.on if following.position > flow.position else flow.back)[following.name] += 1
