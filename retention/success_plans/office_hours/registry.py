"""What others are told of office hours: kind of work, events, calendars, what becomes of them when somebody leaves."""

import datetime as dt
from collections.abc import Iterator
from itertools import takewhile

from django.urls import reverse

from accounts.foundation.scope import Area, among
from accounts.identity.merging import joiners
from accounts.portfolio.events import EventKind, Group, kinds
from accounts.portfolio.models import Account
from accounts.team.leaving import Belonging, belongings
from accounts.team.models import User
from retention.success_plans.models import SuccessPlan
from retention.success_plans.office_hours import services
from retention.success_plans.office_hours.models import OfficeHours, OfficeHoursGuest, OfficeHoursSession
from retention.success_plans.office_hours.queries import complete_rows, dates, ends
from retention.work.models import WorkItem
from retention.work.registry import Appointment, WorkKind, appointments, work_kinds

AHEAD = dt.timedelta(days=90)
"""So far a calendar shows the dates of a series."""


def _page(item: WorkItem) -> str:
    return reverse("admin:retention_officehours_attend", args=[item.pk])


work_kinds.add(
    services.KIND,
    WorkKind(
        label="Office hours",
        done={services.HELD: "Held"},
        dismissed={services.LEFT_OUT: "Not held"},
        action="Who came?",
        page=_page,
        is_appointment=True,
    ),
)

for _kind, _text, _icon in (
    ("planned", "Office hours planned: {title}", "event"),
    ("changed", "Office hours changed: {title}", "edit_calendar"),
    ("ended", "Office hours ended: {title}", "event_busy"),
):
    kinds.add(
        f"office_hours.{_kind}",
        EventKind(lambda event, people, text=_text: text.format(**event.data), _icon, group=Group.LIFECYCLE),  # type: ignore[misc]
    )

belongings.add(
    "office_hours",
    Belonging(
        "series of office hours",
        lambda user, at: OfficeHours.objects.filter(host=user, ended_at=None).order_by("pk"),
        lambda row, heir, by, at: services.change(row, host=heir, by=by, at=at),
        area=Area.ACCOUNTS,
    ),
)


@joiners.register("retention.OfficeHoursGuest")
def _join_guests(account: Account, into: Account) -> None:
    """An account that is invited already is invited once."""
    invited = OfficeHoursGuest.objects.filter(account=into).values("series")
    OfficeHoursGuest.objects.filter(account=account, series__in=invited).delete()
    OfficeHoursGuest.objects.filter(account=account).update(account=into)


@appointments.register("office hours")
def _appointments(user: User, at: dt.datetime) -> Iterator[Appointment]:
    """The dates of the series that somebody holds, or that are held by whom they stand in for."""
    rows = OfficeHours.objects.filter(among("host", user), ended_at=None)
    rows = rows.exclude(plan__state__in=[SuccessPlan.State.HELD, SuccessPlan.State.CLOSED])
    for series in complete_rows(rows).prefetch_related("guests__account"):
        over = [one.starts_at for one in series.sessions.all() if one.state == OfficeHoursSession.State.LEFT_OUT]
        coming = dates(series, after=at - dt.timedelta(minutes=series.minutes), over=over)
        for start in takewhile(lambda one: one < at + AHEAD, coming):
            yield Appointment(
                key=f"hours-{series.pk}-{start:%Y%m%dT%H%M}",
                title=f"{series.title}, {_with(series)}",
                starts_at=start,
                ends_at=ends(series, start),
                host=series.host,
                place=series.join_url,
                page=reverse("admin:retention_officehours_change", args=[series.pk]),
            )


def _with(series: OfficeHours) -> str:
    names = [guest.account.name for guest in series.guests.all()]
    return f"{names[0]} and {len(names) - 1} others" if len(names) > 2 else " and ".join(names)
