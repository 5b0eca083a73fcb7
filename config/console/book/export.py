"""The book as a file for spreadsheets."""

import csv
import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse

from accounts.foundation import money
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
]
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def answer(accounts: QuerySet[Any], *, at: dt.datetime) -> StreamingHttpResponse:
    """The file, sent as it is made: it needs no more memory for a large book than for a small one."""
    pages = StreamingHttpResponse(_rows(accounts, at), content_type="text/csv; charset=utf-8")
    pages["Content-Disposition"] = f'attachment; filename="book-{at:%Y-%m-%d}.csv"'
    return pages


def _rows(accounts: QuerySet[Any], at: dt.datetime) -> Iterator[str]:
    writer: Any = csv.writer(_Echo())  # its rows are what the file hands back
    currency = base_currency()
    yield "\N{ZERO WIDTH NO-BREAK SPACE}"  # spreadsheets take it for UTF-8 then
    yield writer.writerow(HEAD)
    ids = list(accounts.values_list("pk", flat=True))
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        found = {line.account.pk: line for line in lines(list(Account.objects.filter(pk__in=chunk)), at=at)}
        for pk in chunk:
            if pk in found:
                yield writer.writerow(_cells(found[pk], currency))


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
    ]


def safe(text: str) -> str:
    """`text` as a spreadsheet shows it: what it would take for a formula is marked as text."""
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) else text
