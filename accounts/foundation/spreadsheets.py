"""Files for spreadsheets: sent as they are made, and without formulas of anybody else's."""

import csv
from collections.abc import Iterable, Iterator
from typing import Any

from django.http import StreamingHttpResponse

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def answer(name: str, rows: Iterable[list[Any]]) -> StreamingHttpResponse:
    """The file called `name`, row by row: it needs no more memory for many than for a few."""
    file = StreamingHttpResponse(_lines(rows), content_type="text/csv; charset=utf-8")
    file["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return file


def _lines(rows: Iterable[list[Any]]) -> Iterator[str]:
    writer: Any = csv.writer(_Echo())  # its rows are what the file hands back
    yield "\N{ZERO WIDTH NO-BREAK SPACE}"  # spreadsheets take it for UTF-8 then
    for row in rows:
        yield writer.writerow(row)


def safe(text: str) -> str:
    """`text` as a spreadsheet shows it: what it would take for a formula is marked as text."""
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) else text
