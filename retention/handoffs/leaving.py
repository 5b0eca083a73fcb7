"""What becomes of somebody's running handoffs when they leave: somebody else is that side, or nobody for now."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from accounts.foundation.scope import Area
from accounts.team.leaving import Belonging, belongings
from accounts.team.models import User
from retention.handoffs.models import Handoff
from retention.handoffs.services.handing import hand_to

OVER = [Handoff.State.ACCEPTED, Handoff.State.CANCELLED]


def _of(side: str) -> Callable[[User, dt.datetime], Any]:
    return lambda user, at: Handoff.objects.filter(**{side: user}).exclude(state__in=OVER).order_by("pk")


def _hand(side: str, other: str) -> Callable[[Handoff, User | None, Any, dt.datetime], Any]:
    """Whoever is the other side already cannot be this one too: then it is vacant."""

    def hand(handoff: Handoff, heir: User | None, by: Any, at: dt.datetime) -> None:
        hand_to(handoff, by=by, at=at, **{side: None if getattr(handoff, other) == heir else heir})

    return hand


belongings.add(
    "handoffs_given",
    Belonging(
        "handoffs they complete",
        _of("giver"),
        _hand("giver", "receiver"),
        area=Area.WORK,
        nobody="Nobody: whoever takes the work",
    ),
)
belongings.add(
    "handoffs_received",
    Belonging(
        "handoffs they accept",
        _of("receiver"),
        _hand("receiver", "giver"),
        area=Area.WORK,
        nobody="Nobody: whoever takes the work",
    ),
)
