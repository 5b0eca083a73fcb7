"""Candidates: occurrences that failed among the others, tried by themselves from then on."""

import datetime as dt
import json
import logging
from collections.abc import Callable, Iterable

from accounts.foundation import claims
from accounts.foundation.lanes import lane
from plays.definitions.models import PlayVersion
from plays.triggers.deciding import LANE, decide
from plays.triggers.models import Candidate
from plays.triggers.sources import Chance, versions

log = logging.getLogger(__name__)

Reader = Callable[[Candidate, PlayVersion, dt.datetime], list[Chance]]
readers: dict[str, Reader] = {}
"""With what occurrence keys begin → what reads such a candidate anew, where it failed before it could be read."""


def set_aside(chances: Iterable[Chance], error: Exception, *, at: dt.datetime) -> None:
    """Each is tried by itself from now on, and given up some day; the others go on without it."""
    for chance in chances:
        log.error("%s could not be decided; it is tried again by itself.", chance.key, exc_info=error)
        Candidate.objects.get_or_create(
            play=chance.version.play,
            occurrence_key=chance.key,
            defaults={
                "account_id": chance.account_id,
                "edge_id": chance.edge_id,
                "clauses": json.loads(chance.clauses),
                "at": chance.at,
                "tries": 1,
                "error": f"{type(error).__name__}: {error}"[:2000],
                "failed_at": at,
                "next_attempt_at": at + claims.backoff(1),
            },
        )


def _decide_alone(row: Candidate, at: dt.datetime) -> None:
    with lane(LANE), claims.concluding(row):
        version = versions().get(row.play.key)
        if version:
            read = readers.get(row.occurrence_key.partition(":")[0], _as_it_was)
            decide(read(row, version, at), at=at)


def _as_it_was(row: Candidate, version: PlayVersion, at: dt.datetime) -> list[Chance]:
    return [Chance(version, row.account_id, row.occurrence_key, row.at, json.dumps(row.clauses), row.edge_id)]


def _told(row: Candidate) -> str:
    return f"Whether {row.play} starts for {row.account}"


claims.work.add(
    "candidates", claims.Work(Candidate, "candidate", _decide_alone, related=("play", "account"), describe=_told)
)
