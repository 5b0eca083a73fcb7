"""Visits: signals of people whose account is not known yet, held until it is."""

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Q, QuerySet

from accounts.foundation import many
from accounts.foundation.many import among, among_texts
from accounts.ingestion.models import Visit
from accounts.ingestion.people import People
from accounts.ingestion.repeats import without_held
from accounts.ingestion.signals import Signal
from accounts.keeping.queries import past
from accounts.keeping.registry import Period, periods
from accounts.workspace.models import Source

AT_ONCE = 5_000
COLUMNS = ("day", "source_id", "message", "anonymous", "user_value", "type", "name", "path", "at", "received_at")


def hold(signals: Iterable[Signal], *, source: Source) -> list[Signal]:
    """Stores what is not held already; returns it."""
    new = without_held(list(signals), source=source)
    many.write(Visit, COLUMNS, [_row(signal, source) for signal in new])
    return new


def _row(signal: Signal, source: Source) -> tuple[Any, ...]:
    told = (signal.message, signal.anonymous, signal.user, signal.type, signal.name, signal.path)
    return signal.at.date(), source.pk, *told, signal.at, signal.received_at


def taken_back(known: People) -> Iterator[list[Signal]]:
    """The visits of those whose account is known since this batch, as their signals; they are no longer held then."""
    user_of = known.visitors_of(known.tied) if known.tied else {}
    user_of |= {one: user for one, (user, _) in known.met.items() if known.users[user].account_id}
    if not user_of and not known.tied:
        return
    rows = Visit.objects.filter(source=known.source)
    mine = Q(user_value__in=among_texts(known.tied)) | Q(user_value="", anonymous__in=among_texts(user_of))
    while found := list(rows.filter(mine).order_by("pk")[:AT_ONCE]):
        Visit.objects.filter(pk__in=among(visit.pk for visit in found)).delete()
        yield [_signal(visit, visit.user_value or user_of[visit.anonymous]) for visit in found]


def _signal(visit: Visit, user: str) -> Signal:
    return Signal(
        type=visit.type,
        message=visit.message.hex,
        user=user,
        anonymous=visit.anonymous,
        group="",
        name=visit.name,
        path=visit.path,
        at=visit.at,
        received_at=visit.received_at,
        traits=None,
        raw=b"",
    )


def held_too_long(*, at: dt.datetime) -> QuerySet[Visit]:
    """Visits whose time is over."""
    return past("visits", at=at)


periods.add(
    "visits",
    Period(
        "Visits of people nobody identified",
        "Pages seen by somebody who never signed up. Visits of those who did belong to their account, and stay.",
        days=90,
        smallest=1,
        largest=400,
        why="Signals older than 400 days are not taken, so there is nothing older to hold.",
        older=lambda before: Visit.objects.filter(received_at__lt=before),
    ),
)
