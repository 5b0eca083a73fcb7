"""One look at a calendar: what has opened since the last one."""

import datetime as dt
import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Exists, Max, OuterRef

from accounts.calendar.models import Calendar, Missed, Occurrence
from accounts.calendar.registry import dated
from accounts.calendar.rules import Cadence, Window
from accounts.foundation import claims
from accounts.foundation.many import among
from accounts.workspace.queries import workspace

BATCH = 1000
LATE = dt.timedelta(days=1)
"""What should have opened this long before a look was missed: nothing ran, for whatever reason."""
QUARTER = dt.timedelta(minutes=15)
"""Hours begin on quarters of an hour, whatever the zone: nothing opens in between."""
How = Occurrence.How


def look(calendar: Calendar, at: dt.datetime) -> None:
    """Opens what is open at `at`, and gives the calendar back until something can open again."""
    if calendar.kind == Calendar.Kind.CADENCE:
        _look_at_cadence(calendar, at)
    else:
        _look_at_window(calendar, at)


def _look_at_cadence(calendar: Calendar, at: dt.datetime) -> None:
    cadence = Cadence.read(calendar.rule)
    times = cadence.since(calendar.looked_until or calendar.followed_at, at)
    rows = [
        Occurrence(calendar=calendar, day=day, opens_at=opens_at, **_found(how, at))
        for (day, opens_at), how in zip(times, _hows(calendar, times, at), strict=True)
    ]
    _record(calendar, rows, looked_until=at, next_attempt_at=cadence.next(at))


def _hows(calendar: Calendar, times: list[tuple[dt.date, dt.datetime]], at: dt.datetime) -> Iterator[str]:
    """What becomes of each: those missed are left out, or all but the latest, or none."""
    for place, (_, opens_at) in enumerate(times):
        is_kept = calendar.after_stop == Missed.ONCE and place == len(times) - 1
        yield How.OPENED if is_kept or not _is_missed(calendar, opens_at, at) else How.MISSED


def _is_missed(calendar: Calendar, opens_at: dt.datetime, at: dt.datetime) -> bool:
    """Whether it was left out because nobody looked in time; catching up leaves out nothing."""
    return calendar.after_stop != Missed.CATCH_UP and at - opens_at >= LATE


def _found(how: str, at: dt.datetime) -> dict[str, object]:
    return {"how": how, "opened_at": at, "pending": how == How.OPENED}


@dataclass(frozen=True)
class _Dated:
    account_id: int
    zone: str
    day: dt.date


def _look_at_window(calendar: Calendar, at: dt.datetime) -> None:
    """One batch of accounts. The next begins where it ended; after the last, the calendar rests for a while."""
    window = Window.read(calendar.rule)
    found = _not_opened(calendar, window, at)
    last = _opened_for(calendar, found)
    rows = [
        Occurrence(calendar=calendar, account_id=one.account_id, day=one.day, opens_at=opens_at, **_found(how, at))
        for one in found
        if window.is_open(one.day, one.zone, at)
        and ((former := last.get(one.account_id)) is None or window.is_another_term(one.day, former))
        for opens_at in [window.opens_at(one.day, one.zone)]
        for how in [_how(calendar, opens_at, at)]
    ]
    if len(found) == BATCH:
        _record(calendar, rows, looked_to=found[-1].account_id, next_attempt_at=at)
    else:
        _record(calendar, rows, looked_to=0, looked_until=at, next_attempt_at=_next_quarter(at))


def _how(calendar: Calendar, opens_at: dt.datetime, at: dt.datetime) -> str:
    """A date that became known late opens late; what nobody looked at in time was missed.

    There is one window for a date, so *only the latest* opens it too.
    """
    if calendar.looked_until is None:
        return How.SILENT if opens_at <= calendar.followed_at else How.OPENED
    was_missed = opens_at > calendar.looked_until and at - opens_at >= LATE
    return How.MISSED if was_missed and calendar.after_stop == Missed.SKIP else How.OPENED


def _not_opened(calendar: Calendar, window: Window, at: dt.datetime) -> list[_Dated]:
    """Accounts, by their ids, whose window may be open, and did not open for this date."""
    opened = Occurrence.objects.filter(calendar=calendar, account=OuterRef("pk"), day=OuterRef("falls_on"))
    rows = dated(window.fact, *window.dates(at)).filter(~Exists(opened), pk__gt=calendar.looked_to).order_by("pk")
    found = rows.values_list("pk", "in_zone", "falls_on")
    here = workspace().time_zone
    return [_Dated(pk, _known(zone) or here, day) for pk, zone, day in found[:BATCH]]


def _known(zone: str) -> str:
    """The zone, where there is one of this name: one account may not keep the others from opening."""
    try:
        return zoneinfo.ZoneInfo(zone).key if zone else ""
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return ""


def _opened_for(calendar: Calendar, found: list[_Dated]) -> dict[int, dt.date]:
    """Account id → the latest date for which the calendar opened."""
    rows = Occurrence.objects.filter(calendar=calendar, account__in=among(one.account_id for one in found)).order_by()
    return dict(rows.values_list("account").annotate(Max("day")))


def _record(calendar: Calendar, rows: list[Occurrence], **values: object) -> None:
    with claims.fenced(calendar, lease_until=None, tries=0, error="", **values):
        Occurrence.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)


def _next_quarter(at: dt.datetime) -> dt.datetime:
    return at - (at - at.replace(minute=0, second=0, microsecond=0)) % QUARTER + QUARTER
