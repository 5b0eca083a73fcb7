from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from unfold.decorators import display

from accounts.foundation.clock import now
from accounts.foundation.console import ConsoleAdmin, reader
from retention.success_plans.office_hours import pages
from retention.success_plans.office_hours.models import OfficeHours
from retention.success_plans.office_hours.queries import complete_rows, shown

STATES = {"Ended": "info", "Rests": "info", "Who came?": "warning", "Running": "success"}
"""By what is said of a series, how it is coloured."""


@admin.register(OfficeHours)
class OfficeHoursAdmin(ConsoleAdmin):
    """All series of office hours that one may see, and the page of each."""

    nothing_yet = (
        "No office hours are planned yet. Plan a series on the page of an account, or for several customers here."
    )
    list_display = ("title", "for_whom", "rule", "host", "next_at", "last_came", "state")
    list_filter = ("host", "weekday")
    list_select_related = ("host", "plan__account")
    search_fields = ("title", "host__first_name", "host__username")
    ordering = ("-starts_on", "-id")

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return complete_rows(super().get_queryset(request)).annotate(invited=models.Count("guests", distinct=True))

    @admin.display(description="For")
    def for_whom(self, series: Any) -> str:
        return str(series.plan.account) if series.plan else f"{series.invited} customers"

    @admin.display(description="When")
    def rule(self, series: OfficeHours) -> str:
        weeks = "" if series.every_weeks == 1 else f" every {series.every_weeks} weeks"
        return f"{series.get_weekday_display()} {series.time:%H:%M}{weeks}, {series.time_zone}"

    @admin.display(description="Next")
    def next_at(self, series: OfficeHours) -> Any:
        return shown(series, at=now()).next_at

    @admin.display(description="Came last time")
    def last_came(self, series: OfficeHours) -> Any:
        last = shown(series, at=now()).last
        return last.came if last else None

    @display(description="State", label=STATES)
    def state(self, series: OfficeHours) -> str:
        if series.is_over:
            return "Ended"
        if shown(series, at=now()).is_due:
            return "Who came?"
        return "Rests" if series.plan and not series.plan.is_open else "Running"

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path("plan/<int:pk>/", wrap(pages.add), name="retention_successplan_add_office_hours"),
            path("<int:pk>/edit/", wrap(pages.edit), name="retention_officehours_edit"),
            path("<int:pk>/end/", wrap(pages.end), name="retention_officehours_end"),
            path("work/<int:pk>/", wrap(pages.attend), name="retention_officehours_attend"),
        ]
        return own + super().get_urls()

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whoever may change accounts plans them for several of theirs."""
        return bool(reader(request).may_edit(OfficeHours.AREA))

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Plans a series for several customers."""
        return pages.together(request)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """When it is, who may come, who came."""
        return pages.page(self, request, object_id)
