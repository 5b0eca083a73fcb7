import datetime as dt
import logging

from django.db import transaction

from accounts.foundation.clock import now
from plays.decisions.models import Decision
from plays.definitions.models import Play, PlayVersion
from plays.definitions.services import READER, current
from plays.runs import services as runs
from plays.runs.models import Run
from retention.evaluation.models import Edge

log = logging.getLogger(__name__)

BATCH = 200
Outcome = Decision.Outcome


def fire(*, at: dt.datetime | None = None) -> int:
    """Decides about the edges that plays wait for; returns how many were decided."""
    pending = Edge.objects.filter(pending=True, watch__reader=READER).select_related("watch", "account").order_by("id")
    return sum(_take(edge, at=at or now()) for edge in list(pending[:BATCH]))


def _take(edge: Edge, *, at: dt.datetime) -> int:
    try:
        with transaction.atomic():
            if not Edge.objects.filter(pk=edge.pk, pending=True).update(pending=False):
                return 0
            _read(edge, at=at)
    except Exception:  # one edge that cannot be read must not stop the others
        log.exception("Edge %s could not be decided; the next sweep tries again.", edge.pk)
        return 0
    return 1


def _read(edge: Edge, *, at: dt.datetime) -> None:
    """One edge: only entering a condition is an occurrence, and only for a play that is active."""
    if edge.direction != Edge.Direction.ENTERED:
        return
    play = Play.objects.filter(key=edge.watch.key.removeprefix("play:"), is_active=True).first()
    version = current(play) if play else None
    if play and version:
        decide(play, version, edge, at=at)


def decide(play: Play, version: PlayVersion, edge: Edge, *, at: dt.datetime) -> Decision:
    """Whether this occurrence starts a run, with the reason; fired decisions have their run afterwards."""
    outcome, detail = _verdict(play, version, edge, at=at)
    decision = Decision.objects.create(
        play=play,
        version=version,
        account=edge.account,
        occurrence_key=f"edge:{edge.pk}",
        outcome=outcome,
        detail=detail,
        edge=edge,
        clauses=edge.clauses,
        at=at,
    )
    if outcome == Outcome.FIRED:
        runs.start(decision, at=at)
    return decision


def _verdict(play: Play, version: PlayVersion, edge: Edge, *, at: dt.datetime) -> tuple[str, str]:
    earlier = Run.objects.filter(play=play, account=edge.account)
    if earlier.filter(state=Run.State.OPEN).exists():
        return Outcome.ALREADY_OPEN, "A run is open; there is one at a time."
    last = earlier.order_by("-started_at").first()
    if last and version.again_after_days:
        free = last.started_at + dt.timedelta(days=version.again_after_days)
        if at < free:
            return Outcome.COOLED_DOWN, f"May start again on {free:%d %b %Y}."
    return Outcome.FIRED, ""
