from typing import Any

from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest

from accounts.foundation.console import ConsoleAdmin, reader
from accounts.ingestion import services
from accounts.ingestion.models import Feature, QuarantinedItem


@admin.register(QuarantinedItem)
class QuarantinedItemAdmin(ConsoleAdmin):
    """Signals that could not be used yet, each with its reason. Most replay by themselves."""

    list_display = ("received_at", "reason", "source", "group_value", "user_value", "detail")
    list_filter = ("reason", "source")
    list_select_related = ("source",)
    search_fields = ("group_value", "user_value")
    fields = ("received_at", "source", "reason", "detail", "group_value", "user_value", "item")
    actions = ("replay",)

    @admin.action(description="Replay")
    def replay(self, request: HttpRequest, rows: models.QuerySet[Any]) -> None:
        """Puts the chosen signals back into the inbox; what still cannot be used comes back with its reason."""
        if not reader(request).may_edit(QuarantinedItem.AREA):
            self.message_user(request, "Your role may read the quarantine, not replay it.", messages.ERROR)
            return
        count = services.replay(list(rows))
        self.message_user(request, f"{count} signals are being replayed; what still does not fit comes back here.")


@admin.register(Feature)
class FeatureAdmin(ConsoleAdmin):
    """The tracking plan: which event names mean that which feature was used."""

    list_display = ("name", "tier", "shown_events")
    list_filter = ("tier",)
    search_fields = ("name", "key")
    fields = ("name", "key", "tier", "shown_events")
    readonly_fields = ("shown_events",)

    @admin.display(description="Event names")
    def shown_events(self, feature: Feature) -> str:
        return ", ".join(feature.events)
