import functools
from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path

from accounts.foundation.console import ConsoleAdmin, reader
from retention.lifecycle import pages
from retention.lifecycle.models import Lifecycle, Stage


@admin.register(Lifecycle)
class LifecycleAdmin(ConsoleAdmin):
    """Lifecycles, and the pages on which their stages are read and changed."""

    nothing_yet = "No lifecycle is published yet. Import a playbook with lifecycle files, such as the starter's."
    list_display = ("name", "is_primary", "version", "stage_count")
    search_fields = ("name",)

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

    def get_urls(self) -> list[URLPattern]:
        stage = "<int:pk>/stages/<slug:key>/"
        return [
            self._path("<int:pk>/rule/", "rule", pages.rule_page),
            self._path("<int:pk>/add-stage/", "add_stage", pages.add_page, edits=True),
            self._path(stage, "stage", pages.stage_page),
            self._path(f"{stage}edit/", "edit_stage", pages.edit_page, edits=True),
            self._path(f"{stage}shift/", "shift_stage", pages.shift_page, edits=True),
            self._path(f"{stage}remove/", "remove_stage", pages.remove_page, edits=True),
            *super().get_urls(),
        ]

    def _path(self, route: str, name: str, view: Callable[..., HttpResponse], *, edits: bool = False) -> URLPattern:
        asked = functools.partial(self._view, view=view, edits=edits)
        return path(route, self.admin_site.admin_view(asked), name=f"retention_lifecycle_{name}")

    def _view(
        self, request: HttpRequest, pk: int, *, view: Callable[..., HttpResponse], edits: bool, **named: str
    ) -> HttpResponse:
        shown = self._shown(request, str(pk))
        if edits and not reader(request).may_edit(Lifecycle.AREA):
            raise Http404
        return view(shown, **named)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The lifecycle: its stages, who is in them, and how accounts flow."""
        return pages.overview(self._shown(request, object_id))

    def _shown(self, request: HttpRequest, object_id: str) -> pages.Shown:
        lifecycle = self.get_object(request, object_id)
        version = lifecycle.versions.select_related("lifecycle").first() if lifecycle else None
        if lifecycle is None or version is None:
            raise Http404("There is no such lifecycle, or it is not yours to see.")
        return pages.Shown(self, request, lifecycle, version)
