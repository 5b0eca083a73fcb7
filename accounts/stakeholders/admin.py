from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, reverse
from unfold.decorators import action

from accounts.foundation.console import ConsoleAdmin, reader
from accounts.privacy.finding import may_decide
from accounts.stakeholders import pages
from accounts.stakeholders.models import Stakeholder


@admin.register(Stakeholder)
class StakeholderAdmin(ConsoleAdmin):
    """People at customers, with their parts in the buying committee."""

    nothing_yet = (
        "Nobody at a customer is known yet. Add people on the page of their account, or send them over the API."
    )
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
        "shown_topics",
        "influence",
        "sentiment",
        "last_engaged_at",
        "left_at",
    )
    readonly_fields = ("shown_roles", "shown_topics")
    actions_detail = ("personal_data",)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("roles", "topics")

    def get_urls(self) -> list[URLPattern]:
        return [*pages.urls(self.admin_site.admin_view), *super().get_urls()]

    @action(description="Personal data…", permissions=["personal_data"])
    def personal_data(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """To what we hold about this person, to hand out or to erase."""
        return HttpResponseRedirect(f"{reverse('admin:accounts_personrequest_person')}?stakeholder={object_id}")

    def has_personal_data_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether they may decide about personal data."""
        return may_decide(reader(request))

    @admin.display(description="Roles")
    def shown_roles(self, stakeholder: Stakeholder) -> str:
        return ", ".join(str(role) for role in stakeholder.roles.all()) or "–"

    @admin.display(description="Wants to hear about")
    def shown_topics(self, stakeholder: Stakeholder) -> str:
        return ", ".join(str(topic) for topic in stakeholder.topics.all()) or "–"
