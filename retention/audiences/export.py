"""The members of an audience as a file for spreadsheets."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.http import StreamingHttpResponse

from accounts.foundation import spreadsheets
from accounts.foundation.spreadsheets import safe
from accounts.stakeholders.models import Stakeholder
from retention.audiences.judging import with_parts

CHUNK = 500
HEAD = ["Account", "Key", "Name", "Job title", "E-mail", "Roles", "Wants to hear about", "Last engaged"]


def answer(key: str, people: Any, *, at: dt.datetime) -> StreamingHttpResponse:
    """The file, sent as it is made: it needs no more memory for many people than for a few."""
    return spreadsheets.answer(f"{key}-{at:%Y-%m-%d}", _rows(people))


def _rows(people: Any) -> Iterator[list[Any]]:
    yield HEAD
    ids = list(people.values_list("pk", flat=True))
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        found = with_parts(Stakeholder.objects.all()).in_bulk(chunk)
        yield from (_cells(found[pk]) for pk in chunk if pk in found)


def _cells(person: Stakeholder) -> list[Any]:
    return [
        safe(person.account.name),
        person.account.key,
        safe(person.name),
        safe(person.title),
        safe(person.email),
        ", ".join(str(one) for one in person.roles.all()),
        ", ".join(str(one) for one in person.topics.all()),
        person.last_engaged_at.isoformat(timespec="minutes") if person.last_engaged_at else "",
    ]
