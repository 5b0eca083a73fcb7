from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from accounts.foundation.console import ConsoleAdmin
from accounts.foundation.models import AuditEntry


@admin.register(AuditEntry)
class AuditEntryAdmin(ConsoleAdmin):
    """The audit trail, to read."""

    list_display = ("at", "who", "shown_verb", "object_type", "object_id", "door")
    list_filter = ("door", "object_type")
    search_fields = ("verb", "object_id")
    ordering = ("-at", "-id")
    fields = ("at", "who", "shown_verb", "door", "object_type", "object_id", "shown_before", "shown_after")
    readonly_fields = ("who", "shown_verb", "shown_before", "shown_after")

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return super().get_queryset(request).annotate(actor_name=actor_name())

    @admin.display(description="Who")
    def who(self, entry: AuditEntry) -> str:
        return getattr(entry, "actor_name", None) or "Holdfast"

    @admin.display(description="What")
    def shown_verb(self, entry: AuditEntry) -> str:
        return entry.sentence

    @admin.display(description="Before")
    def shown_before(self, entry: AuditEntry) -> str:
        return _lines(entry.before)

    @admin.display(description="After")
    def shown_after(self, entry: AuditEntry) -> str:
        return _lines(entry.after)


def actor_name() -> Any:
    """The user name behind `actor_id`, read with the row: the trail holds ids, not names."""
    from django.contrib.auth import get_user_model

    return models.Subquery(get_user_model().objects.filter(pk=models.OuterRef("actor_id")).values("username")[:1])


def _lines(values: dict[str, Any]) -> str:
    return ", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in values.items()) or "–"
