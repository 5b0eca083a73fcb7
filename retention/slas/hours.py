"""In which hours somebody works: the calendar of their team with its days off, in their time zone."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import holidays

from accounts.foundation.remembering import remembered
from accounts.team.models import Team, User
from accounts.workspace.queries import workspace
from retention.slas.business_time import Hours
from retention.slas.models import BusinessCalendar, TeamCalendar


@lru_cache(maxsize=64)
def _public(country: str, subdivision: str) -> holidays.HolidayBase:
    return holidays.country_holidays(country, subdiv=subdivision or None)


@dataclass(frozen=True)
class DaysOff:
    """The days on which a calendar is closed, each with its name. Years are worked out when they are asked for."""

    own: Mapping[dt.date, str]
    country: str = ""
    subdivision: str = ""

    def __contains__(self, day: object) -> bool:
        return day in self.own or bool(self.country) and day in _public(self.country, self.subdivision)

    def between(self, first: dt.date, last: dt.date) -> list[tuple[dt.date, str]]:
        """Day and name, in order, both ends included."""
        found = {day: name for day, name in self.own.items() if first <= day <= last}
        if self.country:
            years = range(first.year, last.year + 1)
            public = holidays.country_holidays(self.country, subdiv=self.subdivision or None, years=years)
            found = {day: name for day, name in public.items() if first <= day <= last} | found
        return sorted(found.items())


def days_off(calendar: BusinessCalendar) -> DaysOff:
    """The days on which `calendar` is closed."""
    own = {one.day: one.name for one in calendar.closed_days.all()}
    return DaysOff(own, calendar.country, calendar.subdivision)


def hours(calendar: BusinessCalendar | None, *, zone: str) -> Hours:
    """When one works who follows `calendar` and lives in `zone`; without a calendar Monday to Friday, 9 to 17."""
    if calendar is None:
        return Hours(zone)
    return Hours(
        calendar.time_zone or zone,
        calendar.opens,
        calendar.closes,
        frozenset(calendar.weekdays),
        days_off(calendar),
    )


def followed_by(user: User | None) -> BusinessCalendar | None:
    """The calendar of the user's team, else the one for everybody else; None where there is neither."""
    return (_of_team(user.team_id) if user and user.team_id else None) or _of_everybody_else()


@remembered
def _of_team(team_id: int) -> BusinessCalendar | None:
    return BusinessCalendar.objects.prefetch_related("closed_days").filter(uses__team=team_id).first()


@remembered
def _of_everybody_else() -> BusinessCalendar | None:
    return BusinessCalendar.objects.prefetch_related("closed_days").filter(is_default=True).first()


def zone_of(user: User | None) -> str:
    """The time zone in which the user works; the workspace's where they gave none."""
    return (user.time_zone if user else "") or workspace().time_zone


def followed_elsewhere(teams: Iterable[Team], calendar: BusinessCalendar) -> str:
    """What is wrong where one of these teams follows another calendar than this; empty where none does."""
    others = TeamCalendar.objects.filter(team__in=list(teams)).exclude(calendar=calendar.pk)
    found = others.select_related("team", "calendar").first()
    return f"{found.team} follows {found.calendar}. Take it out there first." if found else ""
