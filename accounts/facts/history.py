"""What we knew of an account, and when: every change of a settled fact, and each day's last value of a moving one."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from accounts.facts.catalogue import Pace, facts
from accounts.facts.models import FactChange
from accounts.foundation import many
from accounts.foundation.clock import utc_day
from accounts.foundation.many import among
from accounts.keeping.queries import kept
from accounts.keeping.registry import Period, periods
from accounts.portfolio.models import Account


def record(changes: Mapping[int, Mapping[str, Any]], *, at: dt.datetime) -> None:
    """Notes that these facts became these values at `at`: account id → fact key → value, None for *unknown*."""
    settled, moving = {}, {}
    for account_id, values in changes.items():
        told = {key: as_json(value) for key, value in values.items()}
        slow = {key: value for key, value in told.items() if _pace(key) is Pace.SETTLED}
        if slow:
            settled[account_id] = slow
        if len(slow) < len(told):
            moving[account_id] = {key: value for key, value in told.items() if key not in slow}
    rows = [_row(account_id, Pace.SETTLED, values, at) for account_id, values in settled.items()]
    many.insert(FactChange, rows)
    _record_day(moving, at)


def _pace(key: str) -> Pace:
    return facts[key].pace if key in facts else Pace.SETTLED


def _row(account_id: int, pace: Pace, values: Mapping[str, Any], at: dt.datetime) -> FactChange:
    return FactChange(account_id=account_id, pace=pace.value, day=utc_day(at), at=at, values=dict(values))


def _record_day(moving: Mapping[int, Mapping[str, Any]], at: dt.datetime) -> None:
    """Moving facts have one row a day; the last value of the day stays."""
    today = FactChange.objects.filter(account__in=among(moving), day=utc_day(at), pace=Pace.MOVING.value)
    rows = {row.account_id: row for row in today}
    for row in rows.values():
        row.values, row.at = row.values | moving[row.account_id], at
    new = [_row(account_id, Pace.MOVING, values, at) for account_id, values in moving.items() if account_id not in rows]
    many.insert(FactChange, new)
    many.upsert(FactChange, list(rows.values()))


def as_json(value: Any) -> Any:
    """A value as the history's JSON keeps it: instants and dates as ISO text."""
    return value.isoformat() if isinstance(value, dt.date) else value


def known_at(account: Account, at: dt.datetime) -> dict[str, Any]:
    """What we knew of `account` at `at`: fact key → value as the history keeps it (money in minor units).

    Exact for settled facts; a moving fact has the value that it had when its day ended.
    """
    found: dict[str, Any] = {}
    for values in FactChange.objects.filter(account=account, at__lte=at).order_by("at", "id").values_list("values"):
        found |= values[0]
    return {key: value for key, value in found.items() if value is not None}


def series(account: Account, key: str, *, since: dt.datetime) -> list[tuple[dt.datetime, Any]]:
    """The values that one fact had, oldest first, each with the instant from which on."""
    rows = FactChange.objects.filter(account=account, values__has_key=key).order_by("at", "id")
    points = [(at, values[key]) for at, values in rows.values_list("at", "values")]
    before = [point for point in points if point[0] < since][-1:]
    return before + [point for point in points if point[0] >= since]


@transaction.atomic
def trim(*, at: dt.datetime, limit: int = 500) -> int:
    """Folds changes past their time into one row an account; returns how many rows went away. Call until 0."""
    horizon = at - kept("fact_history")
    old = FactChange.objects.filter(at__lt=horizon).order_by("account", "at", "id")
    ids = list(old.exclude(pace=FactChange.BASE).values_list("account", flat=True).distinct()[:limit])
    values: dict[int, dict[str, Any]] = {}
    for row in old.filter(account__in=among(ids)):
        values[row.account_id] = values.get(row.account_id, {}) | row.values
    gone, _ = old.filter(account__in=among(ids)).delete()
    bases = [
        FactChange(account_id=account_id, pace=FactChange.BASE, day=utc_day(horizon), at=horizon, values=known)
        for account_id, known in values.items()
    ]
    many.insert(FactChange, bases)
    return gone - len(bases)


periods.add(
    "fact_history",
    Period(
        "What we knew of accounts, and when",
        "Each change of a fact. What is older is folded into one row that says what was known then.",
        days=775,
        smallest=190,
        largest=3650,
        why="Trends look back half a year, and comparisons with the year before need 25 months.",
        older=lambda before: FactChange.objects.filter(at__lt=before).exclude(pace=FactChange.BASE),
    ),
)
