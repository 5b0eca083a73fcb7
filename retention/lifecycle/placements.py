"""Where people put accounts by hand, and how long that counts beside the criteria."""

import datetime as dt
from collections.abc import Collection
from typing import NamedTuple

from accounts.foundation.many import among
from accounts.workspace.queries import today
from retention.lifecycle.models import Lifecycle, LifecycleVersion, Stage, StagePlacement

Ending = StagePlacement.Ending


class Kept(NamedTuple):
    """A placement that holds, with its stage in the version in force."""

    placement: StagePlacement
    stage: Stage


def open_of(lifecycle: Lifecycle, account_ids: Collection[int]) -> dict[int, StagePlacement]:
    """Account id → where it was put by hand, of those that still stand there."""
    rows = StagePlacement.objects.filter(lifecycle=lifecycle, ended_at=None, account__in=among(account_ids))
    return {row.account_id: row for row in rows}


def still_holds(
    placement: StagePlacement | None, version: LifecycleVersion, criteria_say: Stage | None, *, at: dt.datetime
) -> Kept | None:
    """The placement if it still counts against what the criteria say; one that does not is ended."""
    if placement is None:
        return None
    stage = next((one for one in version.stages.all() if one.key == placement.stage), None)
    over: Ending | None = None
    if stage is None:
        over = Ending.GONE
    elif placement.until and today(at) > placement.until:
        over = Ending.DATE
    elif not placement.until and (criteria_say.key if criteria_say else "") != placement.instead_of:
        over = Ending.CRITERIA
    if over:
        end(placement, over, at=at)
    return Kept(placement, stage) if stage and not over else None


def end(placement: StagePlacement, because: Ending, *, at: dt.datetime) -> None:
    """Counts no longer."""
    placement.ended_at, placement.ended_because = at, because
    StagePlacement.objects.filter(pk=placement.pk).update(ended_at=at, ended_because=because)
