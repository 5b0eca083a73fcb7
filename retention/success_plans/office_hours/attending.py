"""A date of office hours is over: who came, or that it was not held. In one step, and the next one is asked for."""

import datetime as dt
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.foundation import audit
from accounts.portfolio.models import Account
from accounts.stakeholders.models import Stakeholder
from accounts.touches import services as touches
from accounts.touches.models import Touch
from retention.success_plans.office_hours import services
from retention.success_plans.office_hours.models import OfficeHours, OfficeHoursSession
from retention.success_plans.versions import NotPossible

State = OfficeHoursSession.State


@transaction.atomic
def held(
    session: OfficeHoursSession,
    *,
    came: Iterable[Stakeholder],
    by: Any,
    at: dt.datetime,
    text: str = "",
    minutes: int | None = None,
) -> OfficeHoursSession:
    """It was held: a meeting is logged with each customer whose people `came`; none where nobody did."""
    series = _take(session)
    if session.starts_at > at:
        raise ValidationError("It has not begun yet. Say who came once it has, or that it is not held.")
    people = sorted({one.pk: one for one in came}.values(), key=lambda one: (one.account_id, one.pk))
    _must_be_guests(series, people)
    for _, group in groupby(people, key=lambda one: one.account_id):
        those = list(group)
        touches.log(
            Account.objects.get(pk=those[0].account_id),
            kind=Touch.Kind.MEETING,
            purpose=Touch.Purpose.OFFICE_HOURS,
            happened_at=session.starts_at,
            stakeholders=those,
            colleagues=[series.host],
            text=text or series.title,
            minutes=minutes or series.minutes,
            by=by,
            at=at,
        )
    audit.update(session, verb="office_hours.hold", by=by, at=at, state=State.HELD, came=len(people))
    services.close_work(session.work_item, outcome=services.HELD, by=by, at=at)
    services.ask(series, by=by, at=max(at, session.starts_at))
    return session


@transaction.atomic
def left_out(session: OfficeHoursSession, *, because: str, by: Any, at: dt.datetime) -> OfficeHoursSession:
    """It is not held, or was not: the customer sees the date after it instead."""
    series = _take(session)
    if not because.strip():
        raise ValidationError({"text": "Say in a sentence why it is not held."})
    audit.update(session, verb="office_hours.leave_out", by=by, at=at, because=because, state=State.LEFT_OUT)
    services.close_work(session.work_item, outcome=services.LEFT_OUT, note=because, by=by, at=at)
    services.ask(series, by=by, at=at)
    return session


def _take(session: OfficeHoursSession) -> OfficeHours:
    """Reads `session` anew, locked, and refuses one that is over; its series."""
    session.refresh_from_db(from_queryset=OfficeHoursSession.objects.select_for_update())
    if session.state != State.PLANNED:
        raise NotPossible(f"This date is over: {session.get_state_display().lower()}. Nothing was changed.")
    return OfficeHours.objects.select_related("plan", "host").get(pk=session.series_id)


def _must_be_guests(series: OfficeHours, people: list[Stakeholder]) -> None:
    accounts = set(series.guests.values_list("account_id", flat=True))
    if strangers := [str(one) for one in people if one.account_id not in accounts]:
        raise ValidationError({"came": f"Not invited: {', '.join(strangers)}. Choose people of customers who are."})
