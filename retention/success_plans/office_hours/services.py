"""Series of office hours are planned, changed and ended; the next date is work of the host."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.foundation import audit
from accounts.foundation.clock import now
from accounts.portfolio.events import happened
from accounts.portfolio.models import Account
from accounts.team.services import must_be_here
from retention.success_plans import tasks
from retention.success_plans.models import PlanTask, SuccessPlan
from retention.success_plans.office_hours.models import OfficeHours, OfficeHoursGuest, OfficeHoursSession
from retention.success_plans.office_hours.queries import comes_again, dates, ends
from retention.success_plans.tasks import take_plan
from retention.success_plans.versions import NotPossible
from retention.work import services as work
from retention.work.models import WorkItem

KIND, HELD, LEFT_OUT = "office_hours", "held", "left_out"
MANY_GUESTS, MANY_SERIES = 100, 10
BATCH = 200
FIELDS = (
    *("title", "host", "weekday", "time", "time_zone", "minutes", "every_weeks", "join_url", "starts_on", "until"),
)
"""What a person says of a series."""
State = OfficeHoursSession.State


@transaction.atomic
def plan_for(
    plan: SuccessPlan, *, by: Any, at: dt.datetime, instead_of: PlanTask | None = None, **values: Any
) -> OfficeHours:
    """A series for the customer of an open plan; it rests and ends with the plan. The task it replaces ends."""
    take_plan(plan)
    if instead_of:
        _replace(instead_of, plan, by=by, at=at)
    if plan.office_hours.filter(ended_at=None).count() >= MANY_SERIES:
        raise ValidationError(f"A plan has at most {MANY_SERIES} series of office hours; end one first.")
    return add(OfficeHours(plan=plan, **values), [plan.account], by=by, at=at)


def _replace(task: PlanTask, plan: SuccessPlan, *, by: Any, at: dt.datetime) -> None:
    """A task that comes again was how office hours were planned before: it is not needed any more, nor comes again."""
    if task not in comes_again(plan):
        raise ValidationError({"instead_of": "Choose an open task of this plan that comes again."})
    task = tasks.change(task, version=None, repeat_days=None, by=by, at=at)
    tasks.finish(task, state=PlanTask.State.SKIPPED, by=by, at=at)


@transaction.atomic
def plan_together(accounts: Iterable[Account], *, by: Any, at: dt.datetime, **values: Any) -> OfficeHours:
    """A series to which people of several accounts may come."""
    return add(OfficeHours(**values), list(accounts), by=by, at=at)


def add(series: OfficeHours, accounts: list[Account], *, by: Any, at: dt.datetime) -> OfficeHours:
    """Saves a new series with its guests, and makes its first date work of its host."""
    must_be_here(series.host, field="host")
    series.full_clean(exclude=["plan"])
    _must_invite(accounts)
    audit.create(series, verb="office_hours.plan", by=by, at=at)
    for account in {one.pk: one for one in accounts}.values():
        _invite(series, account, by=by, at=at)
    ask(series, by=by, at=at)
    return series


def _must_invite(accounts: list[Account]) -> None:
    if not 1 <= len(accounts) <= MANY_GUESTS:
        raise ValidationError({"accounts": f"Choose from 1 to {MANY_GUESTS} accounts."})


def _invite(series: OfficeHours, account: Account, *, by: Any, at: dt.datetime) -> None:
    guest = OfficeHoursGuest(series=series, account=account)
    audit.create(guest, verb="office_hours.invite", by=by, at=at)
    happened("office_hours.planned", account, by=by, at=at, subject=series, title=series.title)


@transaction.atomic
def change(
    series: OfficeHours, *, by: Any, at: dt.datetime, accounts: Iterable[Account] | None = None, **values: Any
) -> OfficeHours:
    """Sets fields of a series, and the accounts of one that is no plan's; its next date follows."""
    _take(series)
    if "host" in values and values["host"] != series.host:
        must_be_here(values["host"], field="host")
    fresh = OfficeHours.objects.select_related("plan").get(pk=series.pk)
    for name, value in values.items():
        setattr(fresh, name, value)
    fresh.full_clean(exclude=["plan"])
    if accounts is not None:
        _set_guests(series, list(accounts), by=by, at=at)
    if audit.update(series, verb="office_hours.change", by=by, at=at, **values):
        for guest in series.guests.select_related("account"):
            happened("office_hours.changed", guest.account, by=by, at=at, subject=series, title=series.title)
        _follow(series, by=by, at=at)
    return series


def _set_guests(series: OfficeHours, accounts: list[Account], *, by: Any, at: dt.datetime) -> None:
    if series.plan_id:
        raise ValidationError({"accounts": "These office hours are of one plan. Plan others for a set of accounts."})
    _must_invite(accounts)
    kept = {one.account_id: one for one in series.guests.all()}
    for account in {one.pk: one for one in accounts}.values():
        if kept.pop(account.pk, None) is None:
            _invite(series, account, by=by, at=at)
    for guest in kept.values():
        audit.delete(guest, verb="office_hours.uninvite", by=by, at=at)


def _follow(series: OfficeHours, *, by: Any, at: dt.datetime) -> None:
    """What is to come is asked for anew; a date that has begun stays, until somebody says who came."""
    planned = _coming(series)
    if planned and planned.starts_at > at:
        _drop(planned, because="The office hours were changed.", by=by, at=at)
        ask(series, by=by, at=at)
    elif planned:
        work.reassign(planned.work_item, to=series.host, by=by, at=at)
    else:
        ask(series, by=by, at=at)


@transaction.atomic
def end(series: OfficeHours, *, by: Any, at: dt.datetime) -> OfficeHours:
    """Ends a series: there are no further dates."""
    _take(series)
    stop(series, because="The office hours were ended.", by=by, at=at)
    audit.update(series, verb="office_hours.end", by=by, at=at, ended_at=at)
    for guest in series.guests.select_related("account"):
        happened("office_hours.ended", guest.account, by=by, at=at, subject=series, title=series.title)
    return series


def ask(series: OfficeHours, *, by: Any, at: dt.datetime) -> OfficeHoursSession | None:
    """Makes the next date work of the host; None where it is already, where it rests, or where there is none."""
    if series.is_over or (series.plan and not series.plan.is_open) or _coming(series):
        return None
    over = series.sessions.values_list("starts_at", flat=True)
    start, first = next(dates(series, after=at, over=over), None), series.guests.select_related("account").first()
    if start is None or first is None:
        return None
    others = series.guests.count() - 1
    item = work.open_item(
        first.account,
        title=series.title + (f" (and {others} other customers)" if others else ""),
        guidance="Hold it, then say who came: it is written down as contact with each customer who was there.",
        assignee=series.host,
        due_at=ends(series, start),
        kind=KIND,
        by=by,
        at=at,
    )
    session = OfficeHoursSession(series=series, starts_at=start, work_item=item)
    return audit.create(session, verb="office_hours.ask", by=by, at=at)


def stop(series: OfficeHours, *, because: str, by: Any, at: dt.datetime) -> None:
    """Nobody is to hold the next date for now."""
    if planned := _coming(series):
        _drop(planned, because=because, by=by, at=at)


def _drop(session: OfficeHoursSession, *, because: str, by: Any, at: dt.datetime) -> None:
    audit.delete(session, verb="office_hours.drop", by=by, at=at)
    close_work(session.work_item, outcome=LEFT_OUT, note=because, by=by, at=at)


def close_work(item: WorkItem, *, outcome: str, by: Any, at: dt.datetime, note: str = "") -> None:
    """Ends the work that a date was."""
    work.close(item, outcome=outcome, note=note, is_from_its_page=True, by=by, at=at)


def _coming(series: OfficeHours) -> OfficeHoursSession | None:
    rows = OfficeHoursSession.objects.select_related("work_item__account", "work_item__clock")
    return rows.filter(series=series, state=State.PLANNED).first()


def _take(series: OfficeHours) -> None:
    """Reads `series` anew, locked, and refuses one that was ended."""
    series.refresh_from_db(from_queryset=OfficeHours.objects.select_for_update())
    if series.is_over:
        raise NotPossible("These office hours were ended. Nothing was changed.")


def rest(plan: SuccessPlan, *, because: str, by: Any, at: dt.datetime) -> None:
    """The plan is not under way: its office hours wait with it."""
    for series in plan.office_hours.filter(ended_at=None):
        stop(series, because=because, by=by, at=at)


def go_on(plan: SuccessPlan, *, by: Any, at: dt.datetime) -> None:
    """The plan is under way again, and so are its office hours."""
    for series in plan.office_hours.filter(ended_at=None):
        series.plan = plan
        ask(series, by=by, at=at)


def ask_all(*, at: dt.datetime | None = None) -> int:
    """Makes the next date work of its host where that is lacking, as after an end that was moved; returns how many."""
    at = at or now()
    lacking = OfficeHours.objects.filter(ended_at=None).exclude(sessions__state=State.PLANNED)
    lacking = lacking.exclude(plan__state__in=[SuccessPlan.State.HELD, SuccessPlan.State.CLOSED])
    asked = 0
    for pk in list(lacking.exclude(until__lt=at.date()).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            series = OfficeHours.objects.select_for_update(of=("self",)).select_related("plan", "host").get(pk=pk)
            asked += ask(series, by=None, at=at) is not None
    return asked
