"""The audit trail as a file for spreadsheets: one line for each value that changed."""

import zoneinfo
from collections.abc import Iterator
from typing import Any

from django.db import models
from django.utils import timezone

from accounts.foundation.spreadsheets import safe
from accounts.team.models import User
from accounts.trail.reading import Told, told

CHUNK = 500
HEAD = ["When", "Who", "As stand-in for", "Did", "Kind", "Name", "How", "Value", "Before", "After"]


def rows(entries: models.QuerySet[Any], *, reader: User) -> Iterator[list[Any]]:
    """The file of `entries`, newest first, as far as `reader` may see; a piece at a time, however long the trail is."""
    zone, last = timezone.get_current_timezone_name(), None
    yield [f"{HEAD[0]} ({zone})", *HEAD[1:]]
    while found := list(_below(entries, last)[:CHUNK]):
        with timezone.override(zoneinfo.ZoneInfo(zone)):  # the request that asked for it is answered already
            lines = [row for line in told(found, reader=reader) for row in _cells(line)]
        yield from lines
        last = found[-1]


def _below(entries: models.QuerySet[Any], last: Any) -> models.QuerySet[Any]:
    ordered = entries.order_by("-at", "-pk")
    if last is None:
        return ordered
    return ordered.filter(at__lte=last.at).filter(models.Q(at__lt=last.at) | models.Q(pk__lt=last.pk))


def _cells(line: Told) -> Iterator[list[Any]]:
    when = timezone.localtime(line.entry.at).strftime("%Y-%m-%d %H:%M:%S")
    said = [when, *(safe(text) for text in (line.who, line.behalf, line.what, line.kind, line.name)), line.door]
    if not line.changes:
        yield [*said, "", "", ""]
    for change in line.changes:
        yield [*said, safe(change.label), safe(change.before), safe(change.after)]
