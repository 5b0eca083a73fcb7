"""When a play that goes by the calendar starts next, and how it ended the times before."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from accounts.calendar.models import Calendar, Occurrence
from accounts.calendar.registry import dated
from accounts.calendar.rules import DAY, Cadence, Window
from accounts.portfolio.models import Account
from accounts.workspace.queries import workspace
from plays.decisions.models import Decision
from plays.definitions.cadence import rule_of
from plays.definitions.models import Play, PlayVersion
from plays.triggers.rounds import key_of

NEXT, PAST = 10, 10
AHEAD = 400 * DAY
"""How far ahead dates are looked for."""


@dataclass(frozen=True)
class Opening:
    """One time that is to come: when, and for whom where it is about one account."""

    at: dt.datetime
    account: Account | None = None
    day: dt.date | None = None


@dataclass
class Past:
    """One time that came, and how it ended."""

    occurrence: Occurrence
    ends: list[tuple[str, int]] = field(default_factory=list)
    """What was decided → about how many accounts."""


def is_by_calendar(version: PlayVersion) -> bool:
    """Whether it waits for a time."""
    return version.starts_on in ("window", "cadence")


def coming(version: PlayVersion, *, user: Any, at: dt.datetime) -> list[Opening]:
    """The next ten times, as the rule and the dates are now; of windows for accounts that `user` may see."""
    if version.starts_on == "cadence":
        return _next_times(Cadence.read(rule_of(version.trigger)), at)
    window, here = Window.read(version.trigger), workspace().time_zone
    first = at.date() - (window.first + 1) * DAY
    mine = Account.objects.for_user(user)
    rows = dated(window.fact, first, first + AHEAD).filter(pk__in=mine.values("pk")).order_by("falls_on", "pk")
    days = {pk: (day, zone or here) for pk, day, zone in rows.values_list("pk", "falls_on", "in_zone")[: 5 * NEXT]}
    accounts = mine.in_bulk(days)
    found = [Opening(window.opens_at(day, zone), accounts[pk], day) for pk, (day, zone) in days.items()]
    return sorted((one for one in found if one.at > at), key=lambda one: one.at)[:NEXT]


def _next_times(cadence: Cadence, at: dt.datetime) -> list[Opening]:
    found: list[Opening] = []
    while len(found) < NEXT:
        at = cadence.next(at)
        found.append(Opening(at))
    return found


def calendar_of(play: Play) -> Calendar | None:
    """The calendar that it follows, or followed."""
    return Calendar.objects.filter(key=play.watch_key).first()


def past(play: Play, *, user: Any) -> list[Past]:
    """The last times that it opened, as far as `user` may see them, each with what was decided."""
    rows = Occurrence.objects.filter(calendar__key=play.watch_key).exclude(how=Occurrence.How.SILENT)
    mine = Account.objects.for_user(user).values("pk")
    shown = (rows.filter(account=None) | rows.filter(account__in=mine)).select_related("account")
    return [_told(play, one, user) for one in shown.order_by("-opens_at", "-pk")[:PAST]]


def _told(play: Play, occurrence: Occurrence, user: Any) -> Past:
    start = f"{key_of(occurrence.pk)}:" if occurrence.account_id is None else f"window:{occurrence.pk}:"
    rows = Decision.objects.for_user(user).filter(play=play, occurrence_key__startswith=start).order_by()
    counts = Counter(Decision.Outcome(outcome).label for outcome in rows.values_list("outcome", flat=True))
    return Past(occurrence, counts.most_common())
