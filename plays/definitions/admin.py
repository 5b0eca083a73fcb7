import functools
from dataclasses import dataclass
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
from accounts.portfolio.models import AccountMember
from plays.definitions import services
from plays.definitions.models import Play, PlayVersion, StepDefinition
from plays.definitions.registry import PlayPage, list_pages, play_pages, trigger_kinds
from retention.evaluation.reading import in_words
from retention.slas import business_time

VERSIONS = 10
"""The latest ones, shown on the page of a play."""


@admin.register(Play)
class PlayAdmin(ConsoleAdmin):
    """Plays, and the page that says what each does and switches it on and off."""

    list_display = ("name", "purpose", "priority", "state", "activated_at")
    list_filter = ("is_active",)
    list_before_template = "plays/play/beside.html"
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
        added += [
            path(f"{name}/", wrap(functools.partial(page.view, self)), name=f"plays_play_{name}")
            for name, page in list_pages.items()
        ]
        return [path("<int:pk>/switch/", switch, name="plays_play_switch"), *added, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """All plays, with what else can be done about them."""
        may_edit = reader(request).may_edit(Play.AREA)
        beside = [
            (page.label, reverse(f"admin:plays_play_{name}"))
            for name, page in list_pages.items()
            if may_edit or not page.edits
        ]
        return super().changelist_view(request, (extra_context or {}) | {"beside": beside})

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
            "steps": [_in_words(step) for step in version.steps.all()] if version else [],
            "versions": play.versions.select_related("published_by")[:VERSIONS],
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


@dataclass(frozen=True)
class StepInWords:
    """One step as people read it."""

    title: str
    text: str
    whom: str
    due: str
    sooner: str = ""
    """How much sooner it may be due, and when."""


def _in_words(step: StepDefinition) -> StepInWords:
    said, parts = step.config, dict(AccountMember.Part.choices)
    part = said.get("owner") or said.get("to")
    whom = parts.get(part, part) if part else said.get("user", "–")
    sooner = said.get("sooner")
    return StepInWords(
        title=said.get("title", step.key),
        text=said.get("guidance") or said.get("text", ""),
        whom=whom,
        due=business_time.in_words(said["due"]) if said.get("due") else "told at once",
        sooner=f"{business_time.in_words(sooner['due'])} when {in_words(sooner['when'])}" if sooner else "",
    )
