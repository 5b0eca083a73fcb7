"""Noticing that most of a limit is used: once each time."""

import datetime as dt
from typing import NamedTuple

from django.db import transaction

from accounts.foundation.lanes import lane
from accounts.limits.models import Crossing
from accounts.limits.queries import Line, counted
from accounts.limits.registry import CALM_AT


class Seen(NamedTuple):
    """A crossing that nobody had seen before, and the limit as it stands."""

    crossing: Crossing
    line: Line


@transaction.atomic
def look(*, at: dt.datetime) -> list[Seen]:
    """The limits of which most is used since the look before; ends the warnings of those whose use has fallen."""
    with lane("limits"):
        known = {row.limit: row for row in Crossing.objects.filter(ended_at=None)}
        found = []
        for one in counted():
            if one.is_near and one.name not in known and one.use:
                row = Crossing.objects.create(limit=one.name, used=one.use.used, bound=one.bound, crossed_at=at)
                found.append(Seen(row, one))
            elif one.name in known and (one.share or 0) < CALM_AT:
                Crossing.objects.filter(pk=known[one.name].pk).update(ended_at=at)
        return found
