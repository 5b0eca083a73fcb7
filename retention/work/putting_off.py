"""Putting work out of sight for a while. It is due when it was due, and its clock goes on: nobody is promised later."""

import datetime as dt
import zoneinfo
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.foundation import audit
from accounts.team.models import User
from retention.slas.hours import followed_by, hours, zone_of
from retention.work.models import WorkItem
from retention.work.services import take_open

LONGEST = dt.timedelta(days=90)
SOON = dt.timedelta(hours=2)


@transaction.atomic
def snooze(item: WorkItem, *, until: dt.datetime, by: Any, at: dt.datetime) -> WorkItem:
    """Out of sight until then. What somebody does to it meanwhile they do all the same."""
    if until <= at:
        raise ValidationError({"until": "This lies in the past. Choose a later time."})
    if until > at + LONGEST:
        raise ValidationError({"until": f"That is more than {LONGEST.days} days away. Choose an earlier time."})
    take_open(item)
    audit.update(item, verb="work.snooze", by=by, at=at, snoozed_until=until)
    return item


@transaction.atomic
def wake(item: WorkItem, *, by: Any, at: dt.datetime) -> WorkItem:
    """Back in sight now. Work that is in sight stays as it is."""
    take_open(item)
    audit.update(item, verb="work.wake", by=by, at=at, snoozed_until=None)
    return item


def presets(user: User, *, at: dt.datetime) -> dict[str, tuple[str, dt.datetime]]:
    """Key → words and instant: in two hours, and mornings at which `user` begins to work, where they live."""
    zone = zoneinfo.ZoneInfo(zone_of(user))
    calendar = followed_by(user)
    its = hours(calendar, zone=zone_of(user))
    today = at.astimezone(zone).date()
    monday = today + dt.timedelta(days=7 - today.weekday())
    days = {"tomorrow": ("Tomorrow", 1), "monday": ("Next Monday", (monday - today).days), "week": ("In a week", 7)}
    found = {"soon": ("In two hours", at + SOON)}
    for key, (words, ahead) in days.items():
        if key == "monday" and ahead in (1, 7):
            continue  # that is tomorrow, or in a week
        day = today + dt.timedelta(days=ahead)
        instant = dt.datetime.combine(day, its.opens, zone).astimezone(dt.UTC)
        found[key] = (words, instant)
    return found
