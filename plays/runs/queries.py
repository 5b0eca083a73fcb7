import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Q

from accounts.team.models import User
from plays.definitions.models import Play
from plays.runs.models import Run


@dataclass(frozen=True)
class PlayActivity:
    """What one active play has been doing."""

    play: Play
    open: int
    started: int


def activity_of_plays(user: User, *, since: dt.datetime) -> list[PlayActivity]:
    """Each active play that `user` may see, with its open runs and those started since."""
    rows = Run.objects.for_user(user).order_by().values("play")
    counted = rows.annotate(
        open=Count("pk", filter=Q(state=Run.State.OPEN)), new=Count("pk", filter=Q(started_at__gte=since))
    )
    runs = {row["play"]: (row["open"], row["new"]) for row in counted}
    plays = Play.objects.for_user(user).filter(is_active=True)
    return [PlayActivity(play, *runs.get(play.pk, (0, 0))) for play in plays]
