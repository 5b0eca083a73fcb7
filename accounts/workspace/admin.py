from django.contrib import admin
from unfold.decorators import display

from accounts.foundation.clock import now
from accounts.foundation.console import ConsoleAdmin
from accounts.workspace.models import Source
from accounts.workspace.queries import is_stale


@admin.register(Source)
class SourceAdmin(ConsoleAdmin):
    """The systems that tell us things, and when each last did."""

    list_display = ("name", "kind", "last_delivery_at", "state", "stale_after_hours")
    list_filter = ("kind",)
    search_fields = ("name", "key")
    fields = ("name", "key", "kind", "last_delivery_at", "state", "stale_after_hours")
    readonly_fields = ("state",)

    @display(description="State", label={"Delivering": "success", "Silent": "danger"})
    def state(self, source: Source) -> str:
        return "Silent" if is_stale(source, at=now()) else "Delivering"
