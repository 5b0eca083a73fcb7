"""Business calendars are defined and changed; what becomes of running clocks when one changes."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.foundation import audit
from accounts.team.models import Team
from retention.slas import clocks
from retention.slas.hours import followed_elsewhere
from retention.slas.models import MOST_DAYS, BusinessCalendar, ClosedDay, TeamCalendar

HOURS = ("time_zone", "opens", "closes", "weekdays", "country", "subdivision")
"""What clocks count by, besides the days off."""
FIELDS = ("name", *HOURS, "is_default")


@transaction.atomic
def create(*, key: str, by: Any, at: dt.datetime, **values: Any) -> BusinessCalendar:
    """A new calendar; `values` as `change` takes them."""
    calendar = BusinessCalendar(key=key, **{name: values[name] for name in FIELDS if name in values})
    calendar.full_clean()
    audit.create(calendar, verb="business_calendar.create", by=by, at=at)
    _set_rest(calendar, values, by=by, at=at)
    return calendar


@transaction.atomic
def change(calendar: BusinessCalendar, *, by: Any, at: dt.datetime, **values: Any) -> BusinessCalendar:
    """Sets fields of `calendar`, its `teams` and its `closed_days` (day → name), as far as they are given.

    Clocks that run or stand still and follow it are due anew: some hundreds at once, more by the pump. Those that
    ran out or ended stay as they are.
    """
    fresh = BusinessCalendar.objects.select_for_update().get(pk=calendar.pk)
    fields = {name: values[name] for name in FIELDS if name in values}
    probe = BusinessCalendar(pk=fresh.pk, key=fresh.key, **{name: getattr(fresh, name) for name in FIELDS} | fields)
    probe._state.adding = False
    probe.full_clean()
    if "closed_days" in values or any(getattr(fresh, name) != fields.get(name, getattr(fresh, name)) for name in HOURS):
        fields["version"] = fresh.version + 1
    audit.update(fresh, verb="business_calendar.change", by=by, at=at, **fields)
    _set_rest(fresh, values, by=by, at=at)
    clocks.catch_up(at=at, by=by)
    return fresh


@transaction.atomic
def define(*, key: str, by: Any, at: dt.datetime, **values: Any) -> BusinessCalendar:
    """The calendar with this key, made or changed to be as said; nothing is written where it is so already.

    Where it is to be for everybody else, another one that was no longer is.
    """
    if values.get("is_default"):
        for other in BusinessCalendar.objects.filter(is_default=True).exclude(key=key):
            audit.update(other, verb="business_calendar.change", by=by, at=at, is_default=False)
    calendar = BusinessCalendar.objects.filter(key=key).first()
    if calendar is None:
        return create(key=key, by=by, at=at, **values)
    stands = {one.day: one.name for one in calendar.closed_days.all()}
    stand = {name: getattr(calendar, name) for name in FIELDS} | {"closed_days": stands}
    changed = {name: value for name, value in values.items() if value != stand[name]}
    return change(calendar, by=by, at=at, **changed) if changed else calendar


def _set_rest(calendar: BusinessCalendar, values: Mapping[str, Any], *, by: Any, at: dt.datetime) -> None:
    if (days := values.get("closed_days")) is not None:
        _set_days(calendar, days, by=by, at=at)
    if (teams := values.get("teams")) is not None:
        _set_teams(calendar, list(teams), by=by, at=at)


def _set_days(calendar: BusinessCalendar, days: Mapping[dt.date, str], *, by: Any, at: dt.datetime) -> None:
    if len(days) > MOST_DAYS:
        trouble = f"These are {len(days)} days; {MOST_DAYS} fit. Leave out those that are over."
        raise ValidationError({"closed_days": trouble})
    kept = {one.day: one for one in calendar.closed_days.all()}
    for day, name in days.items():
        one = kept.pop(day, None)
        if one:
            audit.update(one, verb="closed_day.change", by=by, at=at, name=name)
        else:
            new = ClosedDay(calendar=calendar, day=day, name=name)
            new.full_clean()
            audit.create(new, verb="closed_day.add", by=by, at=at)
    for one in kept.values():
        audit.delete(one, verb="closed_day.remove", by=by, at=at)


def _set_teams(calendar: BusinessCalendar, teams: Sequence[Team], *, by: Any, at: dt.datetime) -> None:
    if trouble := followed_elsewhere(teams, calendar):
        raise ValidationError({"teams": trouble})
    kept = {one.team_id: one for one in calendar.uses.all()}
    for team in teams:
        if kept.pop(team.pk, None) is None:
            audit.create(TeamCalendar(team=team, calendar=calendar), verb="team_calendar.set", by=by, at=at)
    for one in kept.values():
        audit.delete(one, verb="team_calendar.unset", by=by, at=at)
