from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from accounts.foundation.console import ConsoleAdmin
from retention.conditions.wording import for_at_least
from retention.evaluation.reading import in_words
from retention.lifecycle.models import Lifecycle, Stage


@admin.register(Lifecycle)
class LifecycleAdmin(ConsoleAdmin):
    """Lifecycles with the stages of their published version, the criteria in words."""

    list_display = ("name", "is_primary", "version", "stage_count")
    search_fields = ("name",)
    fields = ("name", "is_primary", "version", "stages")
    readonly_fields = ("version", "stages")

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("versions__stages")

    def _stages(self, lifecycle: Lifecycle) -> list[Stage]:
        latest = next(iter(lifecycle.versions.all()), None)
        return list(latest.stages.all()) if latest else []

    @admin.display(description="Version")
    def version(self, lifecycle: Lifecycle) -> str:
        latest = next(iter(lifecycle.versions.all()), None)
        return f"{latest.number}, published {latest.published_at:%d %b %Y}" if latest else "–"

    @admin.display(description="Stages")
    def stage_count(self, lifecycle: Lifecycle) -> str:
        return " → ".join(stage.name for stage in self._stages(lifecycle))

    @admin.display(description="Stages, in order of precedence")
    def stages(self, lifecycle: Lifecycle) -> SafeString:
        return format_html_join(
            "",
            "<p><strong>{}</strong>: {}<br>Enters when {}.<br>Leaves when {}.</p><br>",
            (
                (
                    stage.name,
                    stage.meaning,
                    in_words(stage.enter) + for_at_least(stage.enter_after_days),
                    (in_words(stage.leave) if stage.leave else "that is no longer true")
                    + for_at_least(stage.leave_after_days),
                )
                for stage in self._stages(lifecycle)
            ),
        )
