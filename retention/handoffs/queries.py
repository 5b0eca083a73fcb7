"""Whose turn it is at which handoffs."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from accounts.foundation.scope import Owner, among, extend_ownership
from accounts.team.models import User
from retention.handoffs.models import Handoff

State = Handoff.State
WITH_GIVER = [State.DRAFT, State.OPEN, State.RETURNED]
OVER = [State.ACCEPTED, State.CANCELLED]
SHOWN = 20


@dataclass(frozen=True)
class Turns:
    """What somebody has to do about handoffs, the first due first; drafts come last."""

    to_complete: list[Handoff]
    to_accept: list[Handoff]

    def __bool__(self) -> bool:
        return bool(self.to_complete or self.to_accept)

    @property
    def begun(self) -> list[Handoff]:
        """Those to complete whose deal is won: their clock runs."""
        return [one for one in self.to_complete if one.state != State.DRAFT]

    @property
    def drafts(self) -> list[Handoff]:
        """Those whose deal is not won yet."""
        return [one for one in self.to_complete if one.state == State.DRAFT]

    @property
    def first_due_at(self) -> dt.datetime | None:
        """When the first of those to complete is due."""
        return min((one.work.due_at for one in self.to_complete if one.work), default=None)


@extend_ownership
def accounts_with_running_handoffs(user: Owner, reach: str) -> QuerySet[Any]:
    """The accounts that `user` is about to hand over or to take over: both sides see them until it is accepted."""
    sides = among("giver", user) | among("receiver", user)
    return Handoff.objects.filter(sides, state__in=[*WITH_GIVER, State.SUBMITTED]).values("account")


def to_complete(user: User) -> QuerySet[Any]:
    """The handoffs that `user`, or somebody for whom they stand in, has to fill in."""
    return Handoff.objects.filter(among("giver", user), state__in=WITH_GIVER)


def to_accept(user: User) -> QuerySet[Any]:
    """The handoffs that wait for `user`, or somebody for whom they stand in, to accept."""
    return Handoff.objects.filter(among("receiver", user), state=State.SUBMITTED)


def turns(user: User) -> Turns:
    """Whose turn is the user's, for their home; two queries."""

    def read(rows: QuerySet[Any]) -> list[Handoff]:
        found = rows.select_related("account", "version__template", "work__clock")[:SHOWN]
        return sorted(found, key=_due)

    return Turns(read(to_complete(user)), read(to_accept(user)))


def _due(handoff: Handoff) -> tuple[bool, dt.datetime]:
    item = handoff.work
    return (item is None, item.due_at if item else handoff.created_at)
