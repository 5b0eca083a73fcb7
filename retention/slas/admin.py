import datetime as dt
from typing import Any

from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.foundation.clock import now
from accounts.foundation.console import ConsoleAdmin, reader
from accounts.workspace.queries import today
from retention.slas import calendars, clocks
from retention.slas.forms import CalendarForm
from retention.slas.hours import days_off
from retention.slas.models import WEEKDAYS, BusinessCalendar, unknown_holidays

AHEAD = dt.timedelta(days=365)


@admin.register(BusinessCalendar)
class BusinessCalendarAdmin(ConsoleAdmin):
    """When teams work: due times in business time follow it."""

    nothing_yet = (
        "No business hours are set yet, so due times count around the clock. Add some, or import a playbook with a "
        "business_calendar file."
    )
    form = CalendarForm
    list_display = ("name", "works", "holidays_of", "followed", "is_default")
    search_fields = ("name", "key")
    editable = True
    fieldsets = (
        (None, {"fields": ("name", "key", "time_zone")}),
        ("Hours", {"fields": (("opens", "closes"), "weekdays")}),
        ("Days off", {"fields": (("country", "subdivision"), "closed_days", "ahead")}),
        ("Who follows it", {"fields": ("teams", "is_default")}),
    )

    to_read = (
        (None, {"fields": ("name", "key", "time_zone", "works")}),
        ("Days off", {"fields": ("holidays_of", "ahead")}),
        ("Who follows it", {"fields": ("followed", "is_default")}),
    )
    """For whoever may not change it."""

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj and not self.has_change_permission(request, obj):
            return self.to_read
        return super().get_fieldsets(request, obj)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("uses__team", "closed_days")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        shown = ("works", "holidays_of", "followed", "ahead")
        return ("key", *shown) if obj else shown

    @admin.display(description="Works")
    def works(self, calendar: BusinessCalendar) -> str:
        days = ", ".join(WEEKDAYS[day][:3] for day in calendar.weekdays)
        return f"{days} {calendar.opens:%H:%M}–{calendar.closes:%H:%M}"

    @admin.display(description="Holidays of")
    def holidays_of(self, calendar: BusinessCalendar) -> str:
        return " ".join(filter(None, [calendar.country, calendar.subdivision])) or "–"

    @admin.display(description="Teams")
    def followed(self, calendar: BusinessCalendar) -> str:
        return ", ".join(team.name for team in calendar.teams) or "–"

    @admin.display(description="Closed in the next twelve months")
    def ahead(self, calendar: BusinessCalendar) -> SafeString | str:
        if not calendar.pk or unknown_holidays(calendar.country, calendar.subdivision):  # as typed, not yet mended
            return "Shown once it is saved."
        first = today(now())
        days = days_off(calendar).between(first, first + AHEAD)
        lines = format_html_join("", "<li>{}, {}</li>", ((f"{day:%a %d %b %Y}", name) for day, name in days))
        return format_html("<ul>{}</ul>", lines) if days else "No day off is known."

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> BusinessCalendar:
        """Nothing is saved past the service."""
        return form.instance

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The service has written days and teams."""

    def save_model(self, request: HttpRequest, obj: BusinessCalendar, form: Any, change: bool) -> None:
        """Creates the calendar, or changes what the person changed, through the service."""
        by, at = reader(request), now()
        if change:
            values = {name: form.cleaned_data[name] for name in form.changed_data}
            changed = calendars.change(obj, by=by, at=at, **values)
            if changed.version != obj.version and (open_ones := clocks.following(changed).count()):
                rest = "Those that ran out or ended stay as they are."
                messages.info(request, f"Clocks that count by these hours from now on: {open_ones}. {rest}")
        else:
            obj.pk = calendars.create(by=by, at=at, **form.cleaned_data).pk
