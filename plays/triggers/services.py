import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import InterfaceError, OperationalError
from django.db.models import QuerySet

from accounts.foundation import claims
from accounts.foundation.clock import now
from accounts.foundation.lanes import lane
from accounts.foundation.many import among
from accounts.portfolio.models import Account
from plays.decisions.models import Decision
from plays.definitions.models import Play, PlayVersion
from plays.definitions.services import current
from plays.triggers import candidates, rounds
from plays.triggers.deciding import LANE, decide, verdicts
from plays.triggers.sources import SOURCES, Chance, Source, versions

BATCH = 5000
MANUAL = "manual"


def fire(*, at: dt.datetime | None = None) -> int:
    """Decides about the occurrences that plays wait for, in sets; returns how many were looked at."""
    at = at or now()
    looked_at = sum(_fire(source, source.pending(BATCH), at=at) for source in SOURCES.values())
    return looked_at + rounds.begin(at=at) + sum(claims.carry_out(kind, at=at) for kind in ("rounds", "candidates"))


def _fire(source: Source, ids: Sequence[int], *, at: dt.datetime) -> int:
    """Decides about these together; where that fails, about each half, until the one that cannot be read is alone."""
    if not ids:
        return 0
    try:
        with lane(LANE):
            count, chances = _take(source, ids)
            decide(chances, at=at)
        return count
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        if len(ids) > 1:
            half = len(ids) // 2
            return _fire(source, ids[:half], at=at) + _fire(source, ids[half:], at=at)
        return _set_aside(source, ids, error, at=at)


def _take(source: Source, ids: Sequence[int]) -> tuple[int, list[Chance]]:
    """Sees to it that those of `ids` that wait do so no longer: how many, and which of them may start a run."""
    chances = source.read(source.still_pending(ids), versions())
    rows: QuerySet[Any] = source.model.objects.filter(pk__in=among(ids))  # ours, as was asked when they were found
    return rows.filter(pending=True).update(pending=False) if source.is_kept else rows.delete()[0], chances


def _set_aside(source: Source, ids: Sequence[int], error: Exception, *, at: dt.datetime) -> int:
    with lane(LANE):
        count, chances = _take(source, ids)
        candidates.set_aside(chances, error, at=at)
    return count


def plan_by_hand(play: Play, accounts: Sequence[Account], *, reason: str, at: dt.datetime) -> list[Decision]:
    """What `start_by_hand` would decide now, as decisions that nobody stored. Writes nothing."""
    version = _may_start(play, reason)
    chances = [Chance(version, account.pk, f"{MANUAL}:{account.key}", at) for account in accounts]
    return [
        Decision(
            play=play,
            version=version,
            account=account,
            occurrence_key=chance.key,
            outcome=outcome,
            detail=detail,
            at=at,
        )
        for account, chance, (outcome, detail) in zip(accounts, chances, verdicts(chances, at=at), strict=True)
    ]


def start_by_hand(
    play: Play, accounts: Sequence[Account], *, occurrence: str, reason: str, by: Any, at: dt.datetime
) -> list[Decision]:
    """Starts `play` for each of `accounts`, as somebody asked for; the decisions, which say where it did not and why.

    `occurrence` names the wish: asked again, nothing more starts, and the same decisions are returned. A play need
    not be active. Raises ValidationError where it was never published, or no reason is given.
    """
    version = _may_start(play, reason)
    keys = {account.pk: f"{MANUAL}:{occurrence}:{account.key}" for account in accounts}
    with lane(LANE):
        chances = [Chance(version, account_id, key, at) for account_id, key in keys.items()]
        decide(chances, at=at, by=by, reason=reason.strip())
        found = Decision.objects.filter(play=play, occurrence_key__in=list(keys.values()))
        return list(found.select_related("account", "play", "version", "run").order_by("account__name", "pk"))


def _may_start(play: Play, reason: str) -> PlayVersion:
    version = current(play)
    if version is None:
        raise ValidationError({"play": f"{play} has no published version yet."})
    if not reason.strip():
        raise ValidationError({"reason": "Say in a few words why; it stands beside the run."})
    if len(reason.strip()) > 250:
        raise ValidationError({"reason": "Use at most 250 characters."})
    return version
