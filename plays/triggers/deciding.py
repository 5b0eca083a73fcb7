"""Which occurrences start a run, for many at once: as many statements for ten thousand as for one."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Max

from accounts.calendar.models import Missed
from accounts.foundation import many
from accounts.foundation.many import among, among_texts
from plays.decisions.models import Decision
from plays.runs import services as runs
from plays.runs.models import Run
from plays.triggers.sources import Chance

LANE = "plays"
"""Whoever decides holds it: what is open, and when something started last, is known then."""
LATE = dt.timedelta(days=1)
"""What is looked at this long after it occurred was missed: nothing ran, for whatever reason."""

Outcome = Decision.Outcome
Place = tuple[int, int]
"""A play and an account, by their ids."""
COLUMNS = (
    *("play_id", "version_id", "account_id", "occurrence_key", "outcome"),
    *("detail", "edge_id", "clauses", "by_id", "reason", "at"),
)


def decide(chances: Sequence[Chance], *, at: dt.datetime, by: Any = None, reason: str = "") -> int:
    """Decides about each of `chances` that was not decided before, and starts the runs that follow; how many did.

    Whoever calls it holds the lane of plays.
    """
    new = _undecided(chances)
    if not new:
        return 0
    before = Decision.objects.aggregate(latest=Max("pk"))["latest"] or 0
    rows = [
        (*_who(chance), *verdict, chance.edge_id, chance.clauses, by.pk if by else None, reason, at)
        for chance, verdict in zip(new, verdicts(new, at=at), strict=True)
    ]
    many.write(Decision, COLUMNS, rows)
    fired = Decision.objects.filter(pk__gt=before, outcome=Outcome.FIRED)
    return runs.start_many(fired, versions={chance.version.pk for chance in new}, by=by, at=at)


def _who(chance: Chance) -> tuple[int, int, int, str]:
    return chance.version.play_id, chance.version.pk, chance.account_id, chance.key


def _undecided(chances: Sequence[Chance]) -> list[Chance]:
    """Each of `chances` once, without those that were decided before."""
    by_key = {(chance.version.play_id, chance.key): chance for chance in chances}
    keys = among_texts([key for _, key in by_key])
    known = Decision.objects.filter(play__in=_plays(chances), occurrence_key__in=keys)
    for place in known.values_list("play", "occurrence_key"):
        by_key.pop(place, None)
    return list(by_key.values())


def verdicts(chances: Sequence[Chance], *, at: dt.datetime) -> list[tuple[str, str]]:
    """The outcome of each, and why it starts nothing."""
    busy, last = _open(chances), _last(chances)
    newest = _newest_missed(chances, at=at)
    found = []
    for chance in chances:
        place = chance.version.play_id, chance.account_id
        verdict = _too_late(chance, newest.get(place), at=at) or _not_now(chance, place in busy, last.get(place), at=at)
        if verdict is None:
            busy.add(place)
        found.append(verdict or (Outcome.FIRED, ""))
    return found


def _not_now(chance: Chance, is_busy: bool, last: dt.datetime | None, *, at: dt.datetime) -> tuple[str, str] | None:
    if is_busy:
        return Outcome.ALREADY_OPEN, "A run is open; there is one at a time."
    days = chance.version.again_after_days
    if days and last and at < last + dt.timedelta(days=days):
        return Outcome.COOLED_DOWN, f"May start again on {last + dt.timedelta(days=days):%d %b %Y}."
    return None


def _too_late(chance: Chance, newest: Chance | None, *, at: dt.datetime) -> tuple[str, str] | None:
    policy = chance.version.after_stop
    if at - chance.at < LATE or policy == Missed.CATCH_UP:
        return None
    if policy == Missed.SKIP:
        return Outcome.MISSED, f"It happened on {chance.at:%d %b %Y}; the play leaves out what it missed."
    return None if chance is newest else (Outcome.MISSED, "A newer one took its place.")


def _newest_missed(chances: Iterable[Chance], *, at: dt.datetime) -> dict[Place, Chance]:
    found: dict[Place, Chance] = {}
    for chance in chances:
        place = chance.version.play_id, chance.account_id
        if at - chance.at >= LATE and (place not in found or chance.at >= found[place].at):
            found[place] = chance
    return found


def _open(chances: Sequence[Chance]) -> set[Place]:
    """Where a run is open."""
    rows = Run.objects.filter(state=Run.State.OPEN, account__in=_accounts(chances), play__in=_plays(chances))
    return set(rows.values_list("play", "account"))


def _last(chances: Sequence[Chance]) -> dict[Place, dt.datetime]:
    """When a run started last, where it matters."""
    waiting = [chance for chance in chances if chance.version.again_after_days]
    if not waiting:
        return {}
    rows = Run.objects.filter(account__in=_accounts(waiting), play__in=_plays(waiting)).order_by()
    found = rows.values_list("play", "account").annotate(Max("started_at"))
    return {(play, account): started for play, account, started in found}


def _accounts(chances: Sequence[Chance]) -> Any:
    return among({chance.account_id for chance in chances})


def _plays(chances: Sequence[Chance]) -> set[int]:
    return {chance.version.play_id for chance in chances}
