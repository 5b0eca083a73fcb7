"""What waits for a worker: each room says what of its own is due, so that one place can tell whether work moves."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import connection, models

from accounts.foundation.claims import Claimable, due, work
from accounts.foundation.registry import Registry

SOONEST = dt.timedelta(seconds=1)
LOOKED_AT = 100
"""Rows under a lease that are looked at for its end: what is due and has none is found by the next round anyway."""
MOST = 10_000
"""Nobody counts further: a backlog must not make the page slow that shows it."""


@dataclass(frozen=True)
class Waiting:
    """What of one stage is due and not yet done: how many rows (counted up to `MOST` + 1), the oldest one's instant."""

    count: int
    oldest_due_at: dt.datetime | None
    dead: int = 0
    """Rows given up, which a person must decide about."""


waiting: Registry[Callable[[dt.datetime], Waiting]] = Registry("stage of waiting work")
"""Stage → what is due at an instant. A name is a few words, as people read them: `signals received`.

Claimed work (`claims.work`) need not be added: it is asked in any case.
"""


def in_order(rows: models.QuerySet[Any], since: str) -> Waiting:
    """The rows of a queue that is worked off from its first row on; `since` names the field that says since when."""
    oldest = rows.order_by("pk").values_list(since, flat=True).first()
    return Waiting(_count(rows), oldest)


def stages(at: dt.datetime) -> dict[str, Waiting]:
    """All stages, what is claimed among them, with what waits in each."""
    found = {name: ask(at) for name, ask in waiting.items()}
    return found | {name: _claimable(kind.model, at) for name, kind in work.items()}


def oldest_due(at: dt.datetime) -> dt.datetime | None:
    """Since when the oldest due row of all stages waits; None where nothing does."""
    return min((found.oldest_due_at for found in stages(at).values() if found.oldest_due_at), default=None)


def next_due(at: dt.datetime) -> dt.datetime | None:
    """When the next row of claimed work comes due after `at`, or free of its lease; None where none waits.

    That is a second after `at` or later: nobody is called more often than that for a row that cannot be had.
    """
    text = _next_of(tuple(kind.model._meta.db_table for kind in work.values()))
    with connection.cursor() as cursor:
        cursor.execute(text, [connection.ops.adapt_datetimefield_value(at)] * text.count("%s"))
        found = [_instant(value) for (value,) in cursor.fetchall() if value]
    return max(min(found), at + SOONEST) if found else None


@lru_cache(maxsize=4)
def _next_of(tables: tuple[str, ...]) -> str:
    """One statement, made once: it is asked after each round of the pump, and composing it takes longer than that.

    In each table the first row that is due later, and the leases under which the oldest ones are carried out now.
    """
    due = "WHERE state = 'due' AND next_attempt_at"
    parts = [
        f'SELECT min(next_attempt_at) FROM "{table}" {due} > %s UNION ALL SELECT min(lease_until) FROM '  # noqa: S608
        f'(SELECT lease_until FROM "{table}" {due} <= %s ORDER BY next_attempt_at LIMIT {LOOKED_AT}) AS now'
        for table in tables
    ]
    return " UNION ALL ".join(parts)


def _instant(found: dt.datetime | str) -> dt.datetime:
    """SQLite keeps instants as text."""
    return dt.datetime.fromisoformat(found).replace(tzinfo=dt.UTC) if isinstance(found, str) else found


def _claimable(model: type[Claimable], at: dt.datetime) -> Waiting:
    """What could be claimed now, and what was given up."""
    rows = due(model.objects.all(), at=at)
    oldest = rows.order_by("next_attempt_at").values_list("next_attempt_at", flat=True).first()
    return Waiting(_count(rows), oldest, dead=_count(model.objects.filter(state=Claimable.State.DEAD)))


def _count(rows: models.QuerySet[Any]) -> int:
    return rows.order_by()[: MOST + 1].count()
