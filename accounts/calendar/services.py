import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from accounts.calendar import looking
from accounts.calendar.models import Calendar, Missed, Occurrence
from accounts.calendar.rules import Cadence, Window
from accounts.foundation import audit, bell, claims
from accounts.identity.merging import joiners
from accounts.portfolio.models import Account


@dataclass(frozen=True)
class CalendarDraft:
    """A rule to follow, and who wants to know what opens.

    A cadence has `every`, `unit` (days, weeks, months), `anchor` (a day), `hour`, `zone`; a window `fact`, `days`,
    `before`, `until`, `hour`.
    """

    key: str
    reader: str
    kind: str
    rule: dict[str, Any]
    after_stop: str = Missed.ONCE


@transaction.atomic
def follow(draft: CalendarDraft, *, by: Any, at: dt.datetime) -> Calendar:
    """Follows this calendar from now on: what is open already stays silent. Raises ValueError for what is no rule.

    Following again what is followed changes nothing; another rule begins anew, but never opens twice for one date.
    """
    (Cadence if draft.kind == Calendar.Kind.CADENCE else Window).read(draft.rule)
    found = Calendar.objects.filter(key=draft.key).first()
    asked = {"kind": draft.kind, "rule": draft.rule}
    afresh = {
        "followed_at": at,
        "looked_until": None,
        "looked_to": 0,
        "next_attempt_at": at,
        "state": "due",
        "tries": 0,
    }
    if found is None:
        found = Calendar(key=draft.key, reader=draft.reader, after_stop=draft.after_stop, **asked, **afresh)
        audit.create(found, verb="calendar.follow", by=by, at=at)
    else:
        is_same = found.state != Calendar.State.DONE and all(getattr(found, name) == asked[name] for name in asked)
        values = {} if is_same else asked | afresh | {"fence": found.fence + 1, "lease_until": None}
        audit.update(found, verb="calendar.follow", by=by, at=at, after_stop=draft.after_stop, **values)
    bell.ring()
    return found


@transaction.atomic
def forget(key: str, *, by: Any, at: dt.datetime) -> None:
    """Opens nothing more; what opened stays."""
    found = Calendar.objects.filter(key=key).exclude(state=Calendar.State.DONE).first()
    if found:
        audit.update(found, verb="calendar.forget", by=by, at=at, state=Calendar.State.DONE, fence=found.fence + 1)
        Occurrence.objects.filter(calendar=found, pending=True).update(pending=False)


def open_due(*, at: dt.datetime | None = None) -> int:
    """Looks at the calendars that may open something; returns how many were claimed."""
    return claims.carry_out("calendars", at=at)


def _told(calendar: Calendar) -> str:
    return f"{calendar.get_kind_display()}, for {calendar.key.replace(':', ' ')}"


@joiners.register("accounts.Occurrence")
def _join(account: Account, into: Account) -> None:
    """What opened for either opened for the account that stays."""
    for one in Occurrence.objects.filter(account=account):
        same = Occurrence.objects.filter(calendar=one.calendar, account=into, day=one.day)
        if same.exists():
            Occurrence.objects.filter(pk=one.pk).delete()
        else:
            Occurrence.objects.filter(pk=one.pk).update(account=into)


claims.work.add("calendars", claims.Work(Calendar, "calendar", looking.look, describe=_told))
