"""Office hours in the console: planned, changed and ended, and who came to a date."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from accounts.foundation.clock import now
from accounts.foundation.console import reader
from accounts.portfolio.models import Account
from accounts.portfolio.quick import carry_out, must_edit, posted, refused, row_of, saved
from accounts.workspace.queries import workspace
from retention.success_plans.models import SuccessPlan
from retention.success_plans.office_hours import attending, services
from retention.success_plans.office_hours.forms import (
    HELD,
    NOT_HELD,
    AttendForm,
    HoursForm,
    PlanHoursForm,
    TogetherForm,
)
from retention.success_plans.office_hours.models import OfficeHours, OfficeHoursGuest, OfficeHoursSession
from retention.success_plans.office_hours.queries import complete_rows, shown
from retention.work.models import WorkItem

Done = tuple[Account | None, str]
HISTORY = 20
"""Dates that are over, on the page of a series."""


def _fresh(user: Any, zone: str) -> dict[str, Any]:
    """What the form of a new series starts with."""
    today = timezone.localtime(now()).date()
    return {"host": user.pk, "weekday": "tuesday", "time": "15:00", "time_zone": zone, "starts_on": today}


def add(request: HttpRequest, pk: int) -> HttpResponse:
    """Plans office hours for the customer of a plan."""
    plan, user = row_of(request, SuccessPlan, pk), reader(request)
    initial = _fresh(user, plan.account.time_zone or workspace().time_zone)
    form = PlanHoursForm(posted(request), plan=plan, user=user, initial=initial)

    def made(**values: Any) -> Done:
        series = services.plan_for(plan, by=reader(request), at=now(), **values)
        return plan.account, f"“{series}” are planned."

    return carry_out(request, form, made, title=f"Office hours with {plan.account}", button="Plan office hours")


def together(request: HttpRequest) -> HttpResponse:
    """Plans office hours for several customers."""
    must_edit(request)
    user = reader(request)
    form = TogetherForm(posted(request), user=user, initial=_fresh(user, workspace().time_zone))

    def made(accounts: Any, **values: Any) -> Done:
        series = services.plan_together(accounts, by=reader(request), at=now(), **values)
        return None, f"“{series}” are planned."

    answer = carry_out(request, form, made, title="Office hours for several customers", button="Plan office hours")
    return _back(answer, reverse("admin:retention_officehours_changelist"))


def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes a series; the next date follows."""
    series, user = row_of(request, OfficeHours, pk), reader(request)
    kind = HoursForm if series.plan_id else TogetherForm
    initial = HoursForm.of(series) | {"accounts": [one.account_id for one in series.guests.all()]}
    form = kind(posted(request), user=user, initial=initial)

    def changed(**values: Any) -> Done:
        services.change(series, by=reader(request), at=now(), **values)
        return _account(series), f"“{series}” are saved."

    answer = carry_out(request, form, changed, title="Change office hours", button="Save office hours")
    return _back(answer, reverse("admin:retention_officehours_change", args=[series.pk]))


def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Ends a series."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    series = row_of(request, OfficeHours, pk)
    account: Any = _account(series)
    try:
        services.end(series, by=reader(request), at=now())
    except ValidationError as error:
        return refused(request, account, error)
    return saved(request, account, f"“{series}” are ended: there is no further date.")


def attend(request: HttpRequest, pk: int) -> HttpResponse:
    """Who came to the date that a piece of work is about, or that it was not held; for whoever may do that work."""
    item: WorkItem = row_of(request, WorkItem, pk)
    rows = OfficeHoursSession.objects.select_related("series__plan", "work_item__account", "work_item__clock")
    session = rows.filter(work_item=item).first()
    if session is None:
        raise Http404("There are no such office hours any more.")
    user = reader(request)
    is_left_out = "not_held" in request.GET or session.starts_at > now()
    initial = {"was": NOT_HELD if is_left_out else HELD}
    form = AttendForm(posted(request), session=session, user=user, initial=initial)

    def noted(was: str, text: str, came: Any = ()) -> Done:
        if was == HELD:
            attending.held(session, came=came, text=text, by=reader(request), at=now())
            who = "Nobody came" if not session.came else f"{session.came} came"
            return item.account, f"{who} to “{session.series}”; it is noted."
        attending.left_out(session, because=text, by=reader(request), at=now())
        return item.account, f"“{session.series}” was not held; it is noted."

    title = f"“{session.series}” on {timezone.localtime(session.starts_at):%-d %b, %H:%M}"
    answer = carry_out(request, form, noted, title=title, button="Note it")
    return _back(answer, reverse("admin:retention_workitem_mine"))


def page(admin_page: Any, request: HttpRequest, object_id: str) -> HttpResponse:
    """A series: when it is, who may come, who came."""
    user, at = reader(request), now()
    rows = OfficeHours.objects.for_user(user).filter(pk=object_id) if object_id.isdigit() else None
    series = complete_rows(rows).first() if rows is not None and admin_page.has_view_permission(request) else None
    if series is None:
        raise Http404("There are no such office hours, or they are not yours to see.")
    guests = OfficeHoursGuest.objects.for_user(user).filter(series=series).select_related("account")
    context = {
        **admin_page.admin_site.each_context(request),
        "title": series.title,
        "one": shown(series, at=at),
        "guests": guests,
        "hidden": series.guests.count() - len(guests),
        "over": [one for one in series.sessions.all() if one.state != OfficeHoursSession.State.PLANNED][:HISTORY],
        "may_edit": user.may_edit(OfficeHours.AREA),
    }
    return render(request, "retention/office_hours/page.html", context)


def _account(series: OfficeHours) -> Account | None:
    guest = series.guests.select_related("account").first()
    return guest.account if guest else None


def _back(answer: HttpResponse, there: str) -> HttpResponse:
    """After saving without a script, back to where one was."""
    return HttpResponseRedirect(there) if isinstance(answer, HttpResponseRedirect) else answer
