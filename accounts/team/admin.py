from typing import Any

from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest
from unfold.decorators import display

from accounts.foundation.clock import now
from accounts.foundation.console import ConsoleAdmin, reader
from accounts.team import keys
from accounts.team.key_pages import KeyPages
from accounts.team.models import ApiKey, Team, User


@admin.register(User)
class UserAdmin(ConsoleAdmin):
    """Who signs in, in which role and team."""

    list_display = ("shown_name", "username", "role", "team", "is_active", "last_login")
    list_filter = ("role", "team", "is_active")
    list_select_related = ("role", "team")
    search_fields = ("username", "first_name", "last_name", "email")
    fields = ("first_name", "last_name", "username", "email", "role", "team", "time_zone", "is_active", "last_login")

    @admin.display(description="Name", ordering="first_name")
    def shown_name(self, user: User) -> str:
        return str(user)


@admin.register(Team)
class TeamAdmin(ConsoleAdmin):
    """Teams and who leads them."""

    list_display = ("name", "manager", "member_count")
    list_select_related = ("manager",)
    search_fields = ("name",)
    fields = ("name", "manager", "shown_members")
    readonly_fields = ("shown_members",)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return super().get_queryset(request).annotate(people=models.Count("members"))

    @admin.display(description="Members", ordering="people")
    def member_count(self, team: Any) -> int:
        return int(team.people)

    @admin.display(description="Members")
    def shown_members(self, team: Team) -> str:
        return ", ".join(str(user) for user in team.members.all()) or "–"


@admin.register(ApiKey)
class ApiKeyAdmin(KeyPages):
    """Keys of machines. Their text is shown once, when they are made."""

    list_display = ("name", "scope", "source", "created_at", "last_used_at", "expires_at", "state")
    list_filter = ("scope",)
    list_select_related = ("source",)
    search_fields = ("name", "prefix")
    actions = ("revoke",)

    @display(description="State", label={"Live": "success", "Expired": "warning", "Revoked": "danger"})
    def state(self, key: ApiKey) -> str:
        if key.revoked_at:
            return "Revoked"
        return "Expired" if key.expires_at and key.expires_at <= now() else "Live"

    @admin.action(description="Revoke")
    def revoke(self, request: HttpRequest, rows: models.QuerySet[Any]) -> None:
        """Ends the chosen keys at once."""
        if not reader(request).may_edit(ApiKey.AREA):
            self.message_user(request, "Your role may see keys, not revoke them.", messages.ERROR)
            return
        live = list(rows.filter(revoked_at=None))
        for key in live:
            keys.revoke(key, by=reader(request), at=now())
        self.message_user(request, f"{len(live)} keys are revoked; requests with them are refused from now on.")
