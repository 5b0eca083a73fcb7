from django.contrib import admin
from unfold.decorators import display

from accounts.foundation.console import ConsoleAdmin
from plays.decisions.models import Decision
from plays.decisions.queries import because


@admin.register(Decision)
class DecisionAdmin(ConsoleAdmin):
    """Every decision of every play, with what it rested on."""

    nothing_yet = "No play has decided anything yet. Each time one starts, or does not, the reason stands here."
    list_display = ("at", "play", "account", "shown_outcome", "because", "detail")
    list_filter = ("outcome", "play")
    list_select_related = ("play", "account", "version", "by")
    search_fields = ("account__name",)
    fields = ("at", "play", "version", "account", "shown_outcome", "because", "detail")
    readonly_fields = ("shown_outcome", "because")
    list_fullwidth = True

    @display(
        description="Decision",
        label={"Started": "success", "Already running": "info", "Too soon after the last run": "warning"},
    )
    def shown_outcome(self, decision: Decision) -> str:
        return decision.get_outcome_display()

    @admin.display(description="Because")
    def because(self, decision: Decision) -> str:
        return because(decision)
