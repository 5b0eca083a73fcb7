from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from accounts.foundation.console import ConsoleAdmin
from accounts.stakeholders.models import Stakeholder


@admin.register(Stakeholder)
class StakeholderAdmin(ConsoleAdmin):
    """People at customers, with their parts in the buying committee."""

    list_display = ("name", "account", "title", "shown_roles", "influence", "last_engaged_at")
    list_filter = ("roles__role", "influence")
    list_select_related = ("account",)
    search_fields = ("name", "email", "account__name")
    fields = (
        "name",
        "account",
        "title",
        "email",
        "shown_roles",
        "influence",
        "sentiment",
        "last_engaged_at",
        "left_at",
    )
    readonly_fields = ("shown_roles",)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("roles")

    @admin.display(description="Roles")
    def shown_roles(self, stakeholder: Stakeholder) -> str:
        return ", ".join(str(role) for role in stakeholder.roles.all()) or "–"
