"""When office hours are next, and which of them a plan has."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, Q, QuerySet

from accounts.team.models import User
from retention.success_plans.models import PlanTask, SuccessPlan
from retention.success_plans.office_hours.models import OfficeHours, OfficeHoursGuest, OfficeHoursSession

State = OfficeHoursSession.State
LOOKED_AT = 200
"""Dates that are looked at for one that was not left out: years of a weekly series."""


def dates(series: OfficeHours, *, after: dt.datetime, over: Iterable[dt.datetime] = ()) -> Iterator[dt.datetime]:
    """The instants at which a series begins, later than `after` and none of `over`, until it ends."""
    cadence, left = series.cadence, set(over)
    for day in islice(cadence.days(after.date() - dt.timedelta(days=2)), LOOKED_AT):
        if series.until and day > series.until:
            return
        if (start := cadence.opens_at(day)) > after and start not in left:
            yield start


def ends(series: OfficeHours, start: dt.datetime) -> dt.datetime:
    """When the date that begins at `start` ends."""
    return start + dt.timedelta(minutes=series.minutes)


@dataclass(frozen=True)
class Shown:
    """A series as a page shows it."""

    series: OfficeHours
    next_at: dt.datetime | None
    """When it begins next, or began where it still lasts; None where nothing is to come."""
    planned: OfficeHoursSession | None
    """The date that waits for somebody to say who came."""
    last: OfficeHoursSession | None
    is_due: bool
    """Whether the planned date has begun, so that one can say who came."""
    is_seen: bool = True
    """Whether the reader sees the series itself, besides that the customer is invited."""


def complete_rows(rows: QuerySet[OfficeHours]) -> QuerySet[OfficeHours]:
    """Series with all that a page shows of them, in a constant number of statements."""
    sessions = OfficeHoursSession.objects.order_by("-starts_at")
    return rows.select_related("host", "plan__account").prefetch_related(Prefetch("sessions", sessions))


def next_start(series: OfficeHours, *, at: dt.datetime) -> dt.datetime | None:
    """When a series with its sessions is next, or began where it still lasts; None where it rests, or is over."""
    if series.is_over or (series.plan and not series.plan.is_open):
        return None
    over = [one.starts_at for one in series.sessions.all() if one.state != State.PLANNED]
    return next(dates(series, after=at - dt.timedelta(minutes=series.minutes), over=over), None)


def shown(series: OfficeHours, *, at: dt.datetime) -> Shown:
    """A series that was read by `complete_rows` as a page shows it."""
    sessions = list(series.sessions.all())
    planned = next((one for one in sessions if one.state == State.PLANNED), None)
    last = next((one for one in sessions if one.state == State.HELD), None)
    is_due = planned is not None and planned.starts_at <= at
    return Shown(series, next_start(series, at=at), planned, last, is_due)


def of_plan(plan: SuccessPlan, *, at: dt.datetime, user: User | None = None) -> list[Shown]:
    """The series to which the customer of a plan may come: its own, and those for a set of accounts; for a reader."""
    invited = OfficeHoursGuest.objects.filter(account=plan.account_id, series__plan=None).values("series")
    rows = OfficeHours.objects.filter(Q(plan=plan) | Q(pk__in=invited), ended_at=None)
    found = [shown(series, at=at) for series in complete_rows(rows).order_by("starts_on", "pk")]
    if user is None or not found:
        return found
    seen = set(OfficeHours.objects.for_user(user).filter(ended_at=None).values_list("pk", flat=True))
    return [replace(one, is_seen=one.series.pk in seen) for one in found]


def comes_again(plan: SuccessPlan) -> QuerySet[PlanTask]:
    """Tasks of ours that come again: one may be the office hours of a plan that is older than office hours are."""
    rows = PlanTask.objects.select_related("plan__account", "work_item", "our_owner")
    return rows.filter(plan=plan, side=PlanTask.Side.OURS, state=PlanTask.State.OPEN, repeat_days__isnull=False)


def for_customer(plan: SuccessPlan, *, at: dt.datetime) -> list[dict[str, Any]]:
    """What somebody at the customer reads of them: the next date in their zone, and the link to join."""
    found = []
    for one in of_plan(plan, at=at):
        if one.next_at:
            zone = plan.account.time_zone or one.series.time_zone
            place = zone.rpartition("/")[2].replace("_", " ")
            starts, until = (_clock(when, zone) for when in (one.next_at, ends(one.series, one.next_at)))
            found.append({"series": one.series, "starts": starts, "ends": until, "zone": place})
    return found


def _clock(instant: dt.datetime, zone: str) -> dt.datetime:
    """What a clock in `zone` shows then: without a zone, so that no page moves it to another."""
    return instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
