"""Clocks: time given to do something. They start, stand still, go on and end, and tell people before it is too late."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F

from accounts.foundation import audit
from accounts.foundation.clock import now
from accounts.portfolio.events import happened
from accounts.portfolio.models import Account
from retention.slas.business_time import Course, Hours
from retention.slas.hours import hours
from retention.slas.models import BusinessCalendar, Clock, Pause
from retention.slas.registry import listeners

WARN_AT = 0.8
"""The share of its time after which whoever has to act is warned."""
BATCH = 200
"""Clocks of one round of the pump, and of one change of a calendar."""
Level = Clock.Level
State = Clock.State


class NotPossible(ValidationError):
    """The clock is not in a state in which this can be done; nothing was changed."""


def course(clock: Clock) -> Course:
    """How `clock` ran until now."""
    spans = tuple((pause.since, pause.until) for pause in clock.pauses.all())
    return Course(clock.duration, clock.started_at, spans)


def hours_of(clock: Clock) -> Hours:
    """The hours in which `clock` counts."""
    return hours(clock.calendar, zone=clock.zone)


@transaction.atomic
def start(
    account: Account, *, duration: str, calendar: BusinessCalendar | None, zone: str, by: Any, at: dt.datetime
) -> Clock:
    """A clock that gives `duration` from now on, in the hours of `calendar`."""
    due_at = hours(calendar, zone=zone).due(duration, start=at)
    clock = Clock(account=account, duration=duration, calendar=calendar, zone=zone, started_at=at)
    clock.calendar_version = calendar.version if calendar else clock.calendar_version
    clock.promised_at = clock.due_at = due_at
    clock.next_at = _next(clock, Course(duration, at), Level.NONE, due_at)
    clock.full_clean()
    return audit.create(clock, verb="clock.start", by=by, at=at)


@transaction.atomic
def pause(clock: Clock, *, reason: str, by: Any, at: dt.datetime) -> Clock:
    """It stands still from now on, for this reason; what is promised stays promised."""
    _take(clock, State.RUNNING, "does not run")
    span = Pause(clock=clock, reason=reason, since=at, by=by)
    span.full_clean()
    audit.create(span, verb="clock.pause", by=by, at=at)
    audit.update(clock, verb="clock.stand_still", by=by, at=at, state=State.PAUSED, next_at=None)
    happened("clock.paused", clock.account, by=by, at=at, subject=clock, reason=reason)
    return clock


@transaction.atomic
def resume(clock: Clock, *, by: Any, at: dt.datetime) -> Clock:
    """It goes on with the time that was left."""
    _take(clock, State.PAUSED, "does not stand still")
    span = clock.pauses.get(until=None)
    audit.update(span, verb="clock.resume", by=by, at=at, until=at)
    _go_by(clock, verb="clock.go_on", by=by, at=at, state=State.RUNNING)
    happened("clock.resumed", clock.account, by=by, at=at, subject=clock)
    return clock


@transaction.atomic
def stop(clock: Clock, *, by: Any, at: dt.datetime, is_cancelled: bool = False) -> Clock:
    """What it was for is done, or, where `is_cancelled`, no longer needed. A clock that ended stays as it is."""
    clock.refresh_from_db(from_queryset=Clock.objects.select_for_update())
    if not clock.is_open:
        return clock
    if span := clock.pauses.filter(until=None).first():
        audit.update(span, verb="clock.resume", by=by, at=at, until=at)
    breached = {}
    if not is_cancelled and clock.breached_at is None and clock.state == State.RUNNING and clock.due_at < at:
        breached = {"breached_at": clock.due_at}  # it ran out, and nobody had looked yet
    state = State.CANCELLED if is_cancelled else State.MET
    audit.update(clock, verb="clock.stop", by=by, at=at, state=state, ended_at=at, next_at=None, **breached)
    return clock


def catch_up(*, at: dt.datetime, by: Any = None) -> int:
    """Works out anew when clocks are due whose calendar changed, a bounded number at a time; returns how many."""
    behind = _behind().order_by("pk").values_list("pk", flat=True)[:BATCH]
    return sum(_move(pk, by=by, at=at) for pk in list(behind))


def following(calendar: BusinessCalendar) -> models.QuerySet[Clock]:
    """The clocks that count by its hours, and may still be due at another time."""
    return _open().filter(calendar=calendar)


def _open() -> models.QuerySet[Clock]:
    return Clock.objects.filter(state__in=[State.RUNNING, State.PAUSED], breached_at=None)


def _behind() -> models.QuerySet[Clock]:
    """The clocks that count by hours which their calendar no longer has. One that ran out stays as it is."""
    return _open().filter(calendar__version__gt=F("calendar_version"))


@transaction.atomic
def _move(pk: int, *, by: Any, at: dt.datetime) -> int:
    clock = _behind().select_for_update(of=("self",)).select_related("account", "calendar").filter(pk=pk).first()
    if clock is None or clock.calendar is None:  # somebody else has moved or ended it meanwhile
        return 0
    before = clock.due_at
    _go_by(clock, verb="clock.move", by=by, at=at, state=clock.state, calendar_version=clock.calendar.version)
    if clock.due_at != before:
        for listener in listeners.values():
            listener(clock, None, at)
    return 1


def _go_by(clock: Clock, *, verb: str, by: Any, at: dt.datetime, state: str, **values: Any) -> None:
    """Sets when the clock is due and tells next, as its course and its hours have it now."""
    found = course(clock)
    due_at = found.due_at(hours_of(clock)) or clock.due_at
    next_at = _next(clock, found, clock.level, due_at) if state == State.RUNNING else None
    audit.update(clock, verb=verb, by=by, at=at, due_at=due_at, next_at=next_at, state=state, **values)


def _next(clock: Clock, found: Course, level: int, due_at: dt.datetime) -> dt.datetime | None:
    """When somebody is to be told next: at 80 % of the time, at its end, at twice the time; then no more."""
    its = hours_of(clock)
    given, is_business = its.length(clock.duration)
    if level == Level.WARNED:
        return due_at
    if level == Level.BREACHED:
        return its.after(given, is_business, start=due_at)
    if level == Level.ESCALATED:
        return None
    begin = max([clock.started_at, *(until for _, until in found.pauses if until)])
    left = given * WARN_AT - found.used(its, begin)
    return begin if left <= dt.timedelta(0) else its.after(left, is_business, start=begin)


def _take(clock: Clock, state: str, trouble: str) -> None:
    """Locks the row, reads it anew and refuses one in another state: two people may press the button at once."""
    clock.refresh_from_db(from_queryset=Clock.objects.select_for_update())
    if clock.state != state:
        raise NotPossible(f"The clock {trouble}: {clock.get_state_display().lower()}. Nothing was changed.")


def advance(*, at: dt.datetime | None = None) -> int:
    """Tells of the clocks whose next moment has come, a bounded number at a time; returns how many.

    Those whose calendar changed come first, and are due anew: nobody is told of an hour that has moved.
    """
    at = at or now()
    if moved := catch_up(at=at):
        return moved
    due = Clock.objects.filter(state=State.RUNNING, next_at__lte=at).order_by("next_at").values_list("pk", flat=True)
    return sum(_tell(pk, at) for pk in due[:BATCH])


def _tell(pk: int, at: dt.datetime) -> int:
    with transaction.atomic():
        clock = Clock.objects.select_for_update(of=("self",)).select_related("account").filter(pk=pk).first()
        if clock is None or clock.state != State.RUNNING or clock.next_at is None or clock.next_at > at:
            return 0
        level = Level(clock.level + 1)
        values: dict[str, Any] = {"level": level, "next_at": _next(clock, course(clock), level, clock.due_at)}
        if level == Level.BREACHED:
            values["breached_at"] = clock.due_at
        audit.update(clock, verb="clock.tell", by=None, at=at, **values)
        if level == Level.BREACHED:
            happened("clock.breached", clock.account, by=None, at=at, subject=clock)
        for listener in listeners.values():
            listener(clock, level, at)
    return 1
