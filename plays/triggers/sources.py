"""Where occurrences come from: rows of other rooms that nobody of us has looked at yet."""

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import models
from django.db.models import F, TextField
from django.db.models.functions import Cast, Coalesce

from accounts.calendar.models import Occurrence
from accounts.foundation.many import among
from plays.definitions.entered import READER
from plays.definitions.models import Play, PlayVersion
from plays.triggers.models import Moment
from retention.evaluation.models import Edge

Versions = Mapping[str, PlayVersion]
"""Key of a play that is active → the version that new runs follow."""


class Chance(NamedTuple):
    """One occurrence at one account that a play may start for."""

    version: PlayVersion
    account_id: int
    key: str
    at: dt.datetime
    """When it occurred."""
    clauses: str = "[]"
    """What was seen, as JSON."""
    edge_id: int | None = None


@dataclass(frozen=True)
class Source:
    """One kind of rows that wait to be decided about, oldest first."""

    model: type[Edge] | type[Occurrence] | type[Moment]
    ours: Mapping[str, Any]
    """Which of them wait for us."""
    read: Callable[[models.QuerySet[Any], Versions], list[Chance]]
    is_kept: bool = True
    """Whether they stay when they have been looked at; then they are no longer `pending`."""

    def pending(self, limit: int) -> list[int]:
        """The ids of the oldest rows that nobody has looked at."""
        rows = self.model.objects.filter(**self.ours).order_by("pk")
        return list(rows.values_list("pk", flat=True)[:limit])

    def still_pending(self, ids: Sequence[int]) -> models.QuerySet[Any]:
        """Those of `ids` that nobody has looked at meanwhile."""
        return self.model.objects.filter(pk__in=among(ids), **self.ours).order_by("pk")


def versions() -> dict[str, PlayVersion]:
    """Key of each active play → the version that new runs follow."""
    active = PlayVersion.objects.filter(play__is_active=True).order_by("number").select_related("play")
    return {version.play.key: version for version in active}


def _edges(rows: models.QuerySet[Any], known: Versions) -> list[Chance]:
    """Only entering a condition is an occurrence, and only for a play that is active."""
    rows = rows.filter(direction=Edge.Direction.ENTERED).annotate(seen=Cast("clauses", TextField()))
    found = rows.values_list("pk", "account", "watch__key", "at", "seen")
    return [
        Chance(version, account, f"edge:{pk}", at, clauses, edge_id=pk)
        for pk, account, watch, at, clauses in found
        if (version := known.get(watch.removeprefix(Play.WATCHED)))
    ]


def _windows(rows: models.QuerySet[Any], known: Versions) -> list[Chance]:
    found = rows.values_list("pk", "account", "calendar__key", "opens_at", "day")
    return [
        Chance(version, account, f"window:{pk}:{version.trigger['days']}", at, _seen(version.trigger, day))
        for pk, account, calendar, at, day in found
        if (version := known.get(calendar.removeprefix(Play.WATCHED))) and version.starts_on == "window"
    ]


def _seen(window: Mapping[str, Any], day: dt.date) -> str:
    """The date that opened a window, as a clause that people can read."""
    operator = "withinNext" if window.get("before", True) else "moreThanAgo"
    clause = {"fact": window["fact"], "operator": operator, "value": {"days": window["days"]}}
    return json.dumps([clause | {"observed": day.isoformat(), "truth": True}])


def _moments(rows: models.QuerySet[Any], known: Versions) -> list[Chance]:
    """What happened since the play was activated last, for a play that still waits for such things."""
    rows = rows.annotate(seen=Cast("clauses", TextField()), stays=Coalesce("account__merged_into", "account"))
    rows = rows.filter(noted_at__gte=F("play__activated_at"))
    found = rows.values_list("play__key", "stays", "occurrence_key", "at", "seen")
    return [
        Chance(version, account, key, at, clauses)
        for play, account, key, at, clauses in found
        if (version := known.get(play)) and version.starts_on == key.partition(":")[0]
    ]


SOURCES = {
    "edge": Source(Edge, {"pending": True, "watch__reader": READER}, _edges),
    "occurrence": Source(Occurrence, {"pending": True, "calendar__reader": READER, "account__isnull": False}, _windows),
    "moment": Source(Moment, {}, _moments, is_kept=False),
}
