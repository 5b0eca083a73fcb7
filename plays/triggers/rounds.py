"""Rounds: the time of a cadence has come, and the accounts that it concerns are gone through, some at a time."""

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Exists, OuterRef

from accounts.calendar.models import Occurrence
from accounts.foundation import claims
from accounts.foundation.holding import TookTooLong
from accounts.foundation.lanes import lane
from accounts.foundation.many import among
from accounts.portfolio.models import Account
from accounts.portfolio.queries import listed
from accounts.workspace.queries import base_currency
from plays.decisions.models import Decision
from plays.definitions.entered import READER
from plays.definitions.fields import named
from plays.definitions.models import Play, PlayVersion
from plays.triggers import candidates
from plays.triggers.deciding import LANE, decide
from plays.triggers.models import Candidate, Round
from plays.triggers.sources import Chance, versions
from retention.conditions.evaluate import compile_explanation
from retention.evaluation.known import facts_of
from retention.evaluation.queries import chunks_that_meet, moment
from retention.evaluation.rules import read

AT_ONCE = 2000
"""Accounts decided about in one transaction."""


def begin(*, at: dt.datetime) -> int:
    """Begins a round for each time that a cadence came; returns how many times nobody had looked at."""
    opened = Occurrence.objects.filter(pending=True, calendar__reader=READER, account=None)
    ids = list(opened.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    if not ids:
        return 0
    with lane(LANE):
        rows, known = opened.filter(pk__in=ids), versions()
        found = rows.order_by("pk").values_list("pk", "calendar__key")
        new = [
            Round(play=version.play, occurrence_id=pk, next_attempt_at=at)
            for pk, calendar in found
            if (version := known.get(calendar.removeprefix(Play.WATCHED))) and version.starts_on == "cadence"
        ]
        Round.objects.bulk_create(new, ignore_conflicts=True)
        return Occurrence.objects.filter(pk__in=ids, pending=True).update(pending=False)


def _go_on(row: Round, at: dt.datetime) -> None:
    """Decides about the next accounts of a round; after the last it is done."""
    with lane(LANE):
        version = versions().get(row.play.key)
        if version is None or not _is_wanted(row, version):
            with claims.concluding(row):
                return
        last, ids = _next(row, version, at)
        more = {"looked_to": last, "next_attempt_at": at, "lease_until": None, "tries": 0, "error": ""}
        with claims.fenced(row, **more) if last else claims.concluding(row):
            _decide(row, version, ids, at)


def _decide(row: Round, version: PlayVersion, ids: list[int], at: dt.datetime) -> None:
    """Decides about these together; where that fails, about each half, until the one that cannot be read is alone."""
    try:
        with transaction.atomic():
            decide(_chances(row.occurrence, version, ids, at), at=at)
    except (OperationalError, InterfaceError, claims.ClaimLost, TookTooLong):
        raise  # which is about the worker or its database, not about an account
    except Exception as error:
        if len(ids) == 1:
            candidates.set_aside([_chance(row.occurrence, version, ids[0], [])], error, at=at)
            return
        half = len(ids) // 2
        _decide(row, version, ids[:half], at)
        _decide(row, version, ids[half:], at)


def _is_wanted(row: Round, version: PlayVersion) -> bool:
    """Whether the play still goes by a cadence, and was active all the time since this one came."""
    since = version.play.activated_at
    return version.starts_on == "cadence" and since is not None and row.occurrence.opens_at >= since


def _next(row: Round, version: PlayVersion, at: dt.datetime) -> tuple[int, list[int]]:
    """How far these go, 0 after the last; and those that nobody decided about, under this or a former name."""
    condition = version.trigger.get("for")
    if condition:
        last, ids = next(chunks_that_meet(read(condition), at=at, after=row.looked_to), (0, []))
    else:
        above = Account.objects.filter(pk__gt=row.looked_to).order_by("pk")
        ids = list(above.values_list("pk", flat=True)[:AT_ONCE])
        last = ids[-1] if ids else 0
    decided = Decision.objects.filter(
        play=row.play_id, account=OuterRef("pk"), occurrence_key__startswith=f"{key_of(row.occurrence_id)}:"
    )
    rest = listed().filter(~Exists(decided), pk__in=among(ids)).order_by("pk")
    return last, list(rest.values_list("pk", flat=True))


def key_of(occurrence_id: int) -> str:
    """With what the occurrence keys of one time begin."""
    return f"cadence:{occurrence_id}"


def _chances(occurrence: Occurrence, version: PlayVersion, ids: list[int], at: dt.datetime) -> list[Chance]:
    found = _reasons(version.trigger.get("for"), ids, at)
    return [_chance(occurrence, version, pk, clauses) for pk, clauses in found.items()]


def _chance(occurrence: Occurrence, version: PlayVersion, account_id: int, clauses: list[dict[str, Any]]) -> Chance:
    when = named("Date", f"{occurrence.day:%d %b %Y}".removeprefix("0"))
    key = f"{key_of(occurrence.pk)}:{account_id}"
    return Chance(version, account_id, key, occurrence.opens_at, json.dumps([when, *clauses]))


def _again(row: Candidate, version: PlayVersion, at: dt.datetime) -> list[Chance]:
    """One that failed by itself: whether it meets the condition is asked anew, as it was not known then."""
    if version.starts_on != "cadence":
        return []
    _, occurrence_id, _ = row.occurrence_key.split(":")
    found = _chances(Occurrence.objects.get(pk=occurrence_id), version, [row.account_id], at)
    return [chance._replace(key=row.occurrence_key) for chance in found]


def _reasons(condition: Mapping[str, Any] | None, ids: list[int], at: dt.datetime) -> dict[int, list[dict[str, Any]]]:
    """Account id → what was seen of it, for those that meet the condition."""
    if not condition:
        return {pk: [] for pk in ids}
    explain, here = compile_explanation(read(dict(condition))), moment(at)
    known = facts_of(ids, {}, currency=base_currency())
    told = {pk: explain(facts, here) for pk, facts in known.items()}
    return {pk: [one.as_json() for one in told[pk].decisive] for pk in ids if pk in told and told[pk].truth is True}


def _told(row: Round) -> str:
    return f"For which accounts {row.play} starts on {row.occurrence.day:%d %b %Y}"


candidates.readers["cadence"] = _again
claims.work.add("rounds", claims.Work(Round, "round", _go_on, related=("play", "occurrence"), describe=_told))
