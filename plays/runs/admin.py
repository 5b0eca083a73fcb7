from django.contrib import admin
from unfold.decorators import display

from accounts.foundation.console import ConsoleAdmin
from plays.decisions.queries import because
from plays.runs.models import Run


@admin.register(Run)
class RunAdmin(ConsoleAdmin):
    """Runs of plays: for whom, why, how far."""

    nothing_yet = "No play has run yet. Switch one on, and its runs appear here with why they started."
    list_display = ("started_at", "play", "account", "shown_state", "because", "ended_at")
    list_filter = ("state", "play")
    list_select_related = ("play", "account", "version", "decision__by")
    search_fields = ("account__name",)
    fields = ("play", "version", "account", "shown_state", "because", "steps_taken", "started_at", "ended_at")
    readonly_fields = ("shown_state", "because", "steps_taken")
    list_fullwidth = True

    @display(description="State", label={"Running": "info", "Ended": "success"})
    def shown_state(self, run: Run) -> str:
        return run.get_state_display()

    @admin.display(description="Because")
    def because(self, run: Run) -> str:
        return because(run.decision)

    @admin.display(description="Steps")
    def steps_taken(self, run: Run) -> str:
        steps = run.steps.select_related("definition", "work_item")
        return "; ".join(f"{step.work_item or step.definition}: {step.get_state_display().lower()}" for step in steps)
