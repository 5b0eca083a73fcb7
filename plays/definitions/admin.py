import functools
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from unfold.decorators import display

from accounts.foundation.clock import now
from accounts.foundation.console import ConsoleAdmin, reader
from plays.definitions import services
from plays.definitions.models import Play, PlayVersion, StepDefinition
from plays.definitions.registry import PlayPage, play_pages, trigger_kinds
from retention.evaluation.reading import in_words


@admin.register(Play)
class PlayAdmin(ConsoleAdmin):
    """Plays, and the page that says what each does and switches it on and off."""

    list_display = ("name", "purpose", "priority", "state", "activated_at")
    list_filter = ("is_active",)
    search_fields = ("name", "key")

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("versions")

    @display(description="State", label={"Active": "success", "Not active": "warning"})
    def state(self, play: Play) -> str:
        return "Active" if play.is_active else "Not active"

    @admin.display(description="Purpose")
    def purpose(self, play: Play) -> str:
        latest = next(iter(play.versions.all()), None)
        return latest.purpose if latest else "–"

    @admin.display(description="Class")
    def priority(self, play: Play) -> str:
        latest = next(iter(play.versions.all()), None)
        return latest.get_priority_display() if latest else "–"

    def get_urls(self) -> list[URLPattern]:
        switch = self.admin_site.admin_view(self.switch_view)
        wrap = self.admin_site.admin_view
        added = [
            path(f"<int:pk>/{name}/", wrap(functools.partial(self.page_view, page=page)), name=f"plays_play_{name}")
            for name, page in play_pages.items()
        ]
        return [path("<int:pk>/switch/", switch, name="plays_play_switch"), *added, *super().get_urls()]

    def page_view(self, request: HttpRequest, pk: int, *, page: PlayPage) -> HttpResponse:
        """A further page of one play, which another room made."""
        version = services.current(self._play(request, pk))
        if version is None or not page.suits(version) or (page.edits and not reader(request).may_edit(Play.AREA)):
            raise Http404
        return page.view(self, request, version)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The play in words: when it starts, what it does, whether it may start again."""
        play = self._play(request, object_id)
        version = services.current(play)
        context = {
            **self.admin_site.each_context(request),
            "title": play.name,
            "play": play,
            "version": version,
            "trigger": trigger_kinds[version.starts_on].words(version) if version else "",
            "rearm": in_words(version.rearm) if version and version.rearm else "",
            "steps": [(step, _urgency(step)) for step in version.steps.all()] if version else [],
            "may_edit": reader(request).may_edit(Play.AREA),
            "pages": _pages(version, may_edit=reader(request).may_edit(Play.AREA)) if version else [],
        }
        return render(request, "plays/play/page.html", context)

    def switch_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Activates or deactivates the play."""
        play = self._play(request, pk)
        if request.method != "POST" or not reader(request).may_edit(Play.AREA):
            raise Http404
        switch = services.deactivate if play.is_active else services.activate
        try:
            switch(play, by=reader(request), at=now())
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, f"{play.name} is {'active' if play.is_active else 'no longer active'}.")
        return HttpResponseRedirect(reverse("admin:plays_play_change", args=[play.pk]))

    def _play(self, request: HttpRequest, object_id: Any) -> Play:
        play = self.get_object(request, str(object_id))
        if play is None:
            raise Http404("There is no such play, or it is not yours to see.")
        return play


def _pages(version: PlayVersion, *, may_edit: bool) -> list[tuple[str, str]]:
    """Label and address of every further page that this play has for this reader."""
    found = [(name, one) for name, one in play_pages.items() if one.suits(version) and (may_edit or not one.edits)]
    return [(one.label, reverse(f"admin:plays_play_{name}", args=[version.play_id])) for name, one in found]


def _urgency(step: StepDefinition) -> str:
    """The condition under which a step is due sooner, in words."""
    sooner = step.config.get("sooner")
    return in_words(sooner["when"]) if sooner else ""
