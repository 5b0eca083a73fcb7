"""The book as a file for spreadsheets."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse

from accounts.foundation import money, spreadsheets
from accounts.foundation.spreadsheets import safe
from accounts.portfolio.models import Account
from accounts.workspace.queries import base_currency
from config.console.book.rows import Line, lines

CHUNK = 500
HEAD = [
    "Account",
    "Key",
    "CSM",
    "Stage",
    "ARR",
    "Currency",
    "Change in active users",
    "Contract ends",
    "Last contact",
    "Next step",
    "Next step due",
    "Pulse",
    "Decide by",
    "Health",
    "Health score",
]


def answer(accounts: QuerySet[Any], *, at: dt.datetime) -> StreamingHttpResponse:
    """The file, sent as it is made: it needs no more memory for a large book than for a small one."""
    return spreadsheets.answer(f"book-{at:%Y-%m-%d}", _rows(accounts, at))


def _rows(accounts: QuerySet[Any], at: dt.datetime) -> Iterator[list[Any]]:
    currency = base_currency()
    yield HEAD
    ids = list(accounts.values_list("pk", flat=True))
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        found = {line.account.pk: line for line in lines(list(Account.objects.filter(pk__in=chunk)), at=at)}
        for pk in chunk:
            if pk in found:
                yield _cells(found[pk], currency)


def _cells(line: Line, currency: str) -> list[Any]:
    touched, arr = line.touched, line.arr_minor
    change = line.facts.active_users_change_30d if line.facts else None
    return [
        safe(line.account.name),
        line.account.key,
        safe(line.csm),
        line.stage,
        "" if arr is None else money.decimal_text(arr, currency),
        currency,
        "" if change is None else f"{change:.4f}",
        line.ends_on.isoformat() if line.ends_on else "",
        touched.last_two_way_touch_at.isoformat(timespec="minutes") if touched.last_two_way_touch_at else "",
        safe(touched.next_step or ""),
        touched.next_step_due_on.isoformat() if touched.next_step_due_on else "",
        line.pulse,
        line.decides_on.isoformat() if line.decides_on else "",
        line.health.band if line.health else "",
        "" if line.health is None or line.health.score is None else f"{line.health.score:g}",
    ]
