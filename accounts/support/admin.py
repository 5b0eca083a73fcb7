from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from unfold.decorators import display

from accounts.foundation.console import ConsoleAdmin
from accounts.support.models import Ticket

SEVERE = {Ticket.Severity.ONE.label: "danger", Ticket.Severity.TWO.label: "warning"}
STATES = {Ticket.State.OPEN.label: "warning", Ticket.State.PENDING.label: "info", Ticket.State.SOLVED.label: "success"}


@admin.register(Ticket)
class TicketAdmin(ConsoleAdmin):
    """Requests for help of all customers, newest first."""

    nothing_yet = "No ticket is known yet. Your help desk tells of them over the API."
    list_display = ("shown_subject", "account", "shown_severity", "shown_state", "opened_at", "solved_at", "source")
    list_filter = ("state", "severity", "source")
    list_select_related = ("account", "source")
    search_fields = ("subject", "external_id", "account__name")
    ordering = ("-opened_at", "-id")
    list_fullwidth = True
    fields = (
        ("shown_subject", "account"),
        ("shown_severity", "shown_state"),
        ("source", "external_id"),
        ("opened_at", "updated_at"),
        ("first_solved_at", "solved_at"),
        "shown_reopenings",
        ("shown_satisfaction", "satisfaction_at"),
        ("shown_tags", "requester"),
    )
    readonly_fields = (
        "shown_subject",
        "shown_severity",
        "shown_state",
        "shown_reopenings",
        "shown_satisfaction",
        "shown_tags",
    )

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("reopenings")

    @admin.display(description="Subject", ordering="subject")
    def shown_subject(self, ticket: Ticket) -> str:
        return str(ticket)

    @display(description="Severity", ordering="severity", label=SEVERE)
    def shown_severity(self, ticket: Ticket) -> str:
        return str(ticket.get_severity_display())

    @display(description="State", ordering="state", label=STATES)
    def shown_state(self, ticket: Ticket) -> str:
        return str(ticket.get_state_display())

    @admin.display(description="Reopened")
    def shown_reopenings(self, ticket: Ticket) -> str:
        return ", ".join(f"{reopening.at:%d %b %Y}" for reopening in ticket.reopenings.all()) or "never"

    @admin.display(description="Satisfaction")
    def shown_satisfaction(self, ticket: Ticket) -> str:
        return f"{ticket.satisfaction} of 5" if ticket.satisfaction else "not rated"

    @admin.display(description="Tags")
    def shown_tags(self, ticket: Ticket) -> str:
        return ", ".join(ticket.tags) or "–"
