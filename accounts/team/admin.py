from typing import Any

from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest
from unfold.decorators import display

from accounts.foundation.clock import now
from accounts.foundation.console import reader
from accounts.team import keys
from accounts.team.key_pages import KeyPages
from accounts.team.models import ApiKey, Team, User
from accounts.team.team_pages import TeamPages
from accounts.team.user_pages import UserPages, state_of


class WhoFilter(admin.SimpleListFilter):
    """Who is listed: our people who are here, unless something else is asked for."""

    title = "who"
    parameter_name = "who"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("left", "Deactivated"), ("machines", "Machines (API keys)"), ("all", "Everybody")]

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        return [{**first, "display": "Here"}, *others]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        if self.value() == "all":
            return queryset
        if self.value() == "machines":
            return queryset.filter(is_staff=False)
        return queryset.filter(is_staff=True, is_active=self.value() != "left")


@admin.register(User)
class UserAdmin(UserPages):
    """Who signs in, in which role and team."""

    nothing_yet = "Nobody else is here yet. Invite the people who work with your customers."
    list_display = ("shown_name", "username", "role", "team", "function", "state", "signed_in")
    list_filter = (WhoFilter, "role", "team")
    list_select_related = ("role", "team")
    search_fields = ("username", "first_name", "last_name", "email")

    @admin.display(description="Name", ordering="first_name")
    def shown_name(self, user: User) -> str:
        return str(user)

    @display(description="State", label={"Active": "success", "Invited": "info", "Deactivated": "danger"})
    def state(self, user: User) -> str:
        return state_of(user)

    @admin.display(description="Last sign-in", ordering="last_login", empty_value="Never")
    def signed_in(self, user: User) -> Any:
        return user.last_login


@admin.register(Team)
class TeamAdmin(TeamPages):
    """Teams and who leads them."""

    nothing_yet = "There is no team yet. Form one, then say who leads it and who belongs to it."
    list_display = ("name", "manager", "member_count")
    list_select_related = ("manager",)
    search_fields = ("name",)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        here = models.Q(members__is_active=True)
        return super().get_queryset(request).annotate(people=models.Count("members", filter=here))

    @admin.display(description="Members", ordering="people")
    def member_count(self, team: Any) -> int:
        return int(team.people)


@admin.register(ApiKey)
class ApiKeyAdmin(KeyPages):
    """Keys of machines. Their text is shown once, when they are made."""

    nothing_yet = "No machine has a key yet. Make one for each system that sends or asks."
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
