"""Who is away from when until when, and who stands in: sees and works what they own, and hears what they would hear."""

import datetime as dt
import zoneinfo
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from accounts.foundation import audit
from accounts.foundation.remembering import remembered
from accounts.foundation.scope import Area
from accounts.team.models import Absence, User
from accounts.workspace.queries import workspace

LONGEST = dt.timedelta(days=366)
WORKED = {Area.ACCOUNTS: "accounts", Area.WORK: "work"}
"""What a stand-in takes over, and so must be allowed to change where the absent one is."""


@transaction.atomic
def announce(
    user: User, *, stand_in: User, starts_at: dt.datetime, ends_at: dt.datetime, by: Any, at: dt.datetime
) -> Absence:
    """`user` is away from `starts_at` until before `ends_at`, and `stand_in` does their work meanwhile."""
    User.objects.select_for_update().order_by("pk").in_bulk([user.pk, stand_in.pk])  # two must not cross
    _check_range(starts_at, ends_at, at=at)
    _check_stand_in(user, stand_in, starts_at=starts_at, ends_at=ends_at)
    absence = Absence(user=user, stand_in=stand_in, starts_at=starts_at, ends_at=ends_at)
    absence.full_clean()
    return audit.create(absence, verb="absence.announce", by=by, at=at)


def _check_range(starts_at: dt.datetime, ends_at: dt.datetime, *, at: dt.datetime) -> None:
    if ends_at <= starts_at:
        raise ValidationError({"ends_at": "The end must come after the start."})
    if ends_at <= at:
        raise ValidationError({"ends_at": "This lies in the past. Choose a day from today on."})
    if ends_at - starts_at > LONGEST:
        raise ValidationError({"ends_at": "That is more than a year. Hand the accounts over to somebody instead."})


def _check_stand_in(user: User, stand_in: User, *, starts_at: dt.datetime, ends_at: dt.datetime) -> None:
    if stand_in == user:
        raise ValidationError({"stand_in": "Nobody stands in for themselves. Choose a colleague."})
    if not (stand_in.is_active and stand_in.is_staff):
        raise ValidationError({"stand_in": f"{stand_in} does not sign in here. Choose somebody else."})
    lacking = [name for area, name in WORKED.items() if user.may_edit(area) and not stand_in.may_edit(area)]
    if lacking:
        role = stand_in.role or "nobody's role"
        raise ValidationError(
            {"stand_in": f"{stand_in} may not change {' and '.join(lacking)} ({role}). Choose somebody who may."}
        )
    near = Absence.objects.overlapping(starts_at, ends_at)
    if other := near.filter(user=user).first():
        raise ValidationError({"starts_at": f"{user} is away then already, {_until(other)}. End that absence first."})
    if other := near.filter(user=stand_in).first():
        raise ValidationError({"stand_in": f"{stand_in} is away then, {_until(other)}. Choose somebody else."})
    if other := near.filter(stand_in=user).select_related("user").first():
        raise ValidationError(
            {"starts_at": f"{user} stands in for {other.user} then, {_until(other)}. Change that stand-in first."}
        )


def _until(absence: Absence) -> str:
    """In the time zone of whoever is told."""
    return f"until {timezone.localtime(absence.ends_at):%d %b %Y, %H:%M %Z}"


def span(user: User, *, first: dt.date, last: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """The instants between which `user` is away on whole days, the last one included, where they live."""
    zone = zoneinfo.ZoneInfo(user.time_zone or workspace().time_zone)
    starts, ends = (dt.datetime.combine(day, dt.time(), zone) for day in (first, last + dt.timedelta(days=1)))
    return starts.astimezone(dt.UTC), ends.astimezone(dt.UTC)


@transaction.atomic
def end(absence: Absence, *, by: Any, at: dt.datetime) -> Absence | None:
    """They are back: ends `absence` now; None where it had not begun, and so never was. One that is over stays."""
    found = Absence.objects.select_for_update().filter(pk=absence.pk).first()
    if found is None or found.ends_at <= at:
        raise ValidationError("This absence is over. Nothing was changed.")
    if found.starts_at >= at:
        audit.delete(found, verb="absence.cancel", by=by, at=at)
        return None
    audit.update(found, verb="absence.end", by=by, at=at, ends_at=at)
    return found


@transaction.atomic
def replace(absence: Absence, *, stand_in: User, by: Any, at: dt.datetime) -> Absence:
    """Somebody else stands in for the rest of `absence`, from now on."""
    user, starts_at, ends_at = absence.user, max(absence.starts_at, at), absence.ends_at
    end(absence, by=by, at=at)
    return announce(user, stand_in=stand_in, starts_at=starts_at, ends_at=ends_at, by=by, at=at)


def arranged_by(user: User) -> models.QuerySet[Any]:
    """Whose absences `user` may arrange: their own, those of the team they lead, all where they look after people."""
    people = User.objects.for_user(user).filter(is_active=True, is_staff=True)
    if user.may_edit(Area.PEOPLE):
        return people
    return people.filter(models.Q(pk=user.pk) | models.Q(team__manager=user.pk))


def stand_ins(user_ids: Iterable[int], *, at: dt.datetime) -> dict[int, User]:
    """Of these users, those who are away at `at`, each with whoever stands in."""
    return _away(frozenset(user_ids), at)


@remembered
def _away(user_ids: frozenset[int], at: dt.datetime) -> dict[int, User]:
    rows = Absence.objects.at(at).filter(user__in=sorted(user_ids), stand_in__is_active=True)
    return {row.user_id: row.stand_in for row in rows.select_related("stand_in")}


def acting(user: User, *, at: dt.datetime) -> User:
    """Who does what `user` would do at `at`: themselves, or their stand-in."""
    return stand_ins([user.pk], at=at).get(user.pk, user)
