from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from unfold.decorators import display

from accounts.foundation.console import ConsoleAdmin, reader
from accounts.team.files import download
from retention.handoffs import deeds, measures_page, pages, queries, section_pages, template_pages
from retention.handoffs.models import Handoff, HandoffTemplate

STATES = {"To complete": "info", "To accept": "warning", "Returned": "danger", "Accepted": "success"}
RELATED = (
    *("account", "version__template", "giver__team", "receiver__team__manager", "deal__product", "deal__owner"),
    "deal__proposal",
    *("work__clock__calendar", "submitted_by", "accepted_by", "fit_signed_by"),
)


class Turn(admin.SimpleListFilter):
    """Whose turn it is."""

    title = "turn"
    parameter_name = "turn"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("complete", "Mine to complete"), ("accept", "Mine to accept"), ("running", "All that run")]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        user = reader(request)
        if self.value() == "complete":
            return queryset.filter(pk__in=queries.to_complete(user).values("pk"))
        if self.value() == "accept":
            return queryset.filter(pk__in=queries.to_accept(user).values("pk"))
        return queryset.exclude(state__in=queries.OVER) if self.value() == "running" else queryset


@admin.register(Handoff)
class HandoffAdmin(ConsoleAdmin):
    """All handoffs one may see, and the checklist that both sides work on."""

    nothing_yet = (
        "No handoff has begun yet. A won deal begins one by itself; any other begins on the page of an account."
    )
    list_display = ("account", "kind", "shown_state", "shown_readiness", "giver", "receiver", "due", "clock", "loops")
    list_filter = (Turn, "state", "version__template", measures_page.Measured)
    list_select_related = ("account", "version__template", "giver", "receiver", "work__clock")
    search_fields = ("account__name", "version__template__name")
    ordering = ("-created_at", "-id")
    list_fullwidth = True

    @admin.display(description="Handoff", ordering="version__template__name")
    def kind(self, handoff: Handoff) -> str:
        return handoff.version.template.name

    @display(description="State", ordering="state", label=STATES)
    def shown_state(self, handoff: Handoff) -> str:
        return str(handoff.get_state_display())

    @admin.display(description="Ready", ordering="readiness")
    def shown_readiness(self, handoff: Handoff) -> str:
        return f"{handoff.readiness} %"

    @admin.display(description="Due", ordering="work__due_at")
    def due(self, handoff: Handoff) -> Any:
        return handoff.work.due_at if handoff.work and handoff.work.is_open else None

    @display(description="Clock", label={"Out of time": "danger", "Waiting": "warning"})
    def clock(self, handoff: Handoff) -> str | None:
        item = handoff.work
        if item is None or not item.is_open or item.clock is None:
            return None
        return "Waiting" if item.is_waiting else "Out of time" if item.clock.breached_at else "Running"

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path("measures/", wrap(self.measures_view), name="retention_handoff_measures"),
            path("<int:pk>/items/<slug:key>/", wrap(self.item_view), name="retention_handoff_item"),
            path("<int:pk>/do/", wrap(self.do_view), name="retention_handoff_do"),
            path("<int:pk>/sign-fit/", wrap(self.sign_view), name="retention_handoff_sign_fit"),
            path("<int:pk>/files/<int:number>/", wrap(self.file_view), name="retention_handoff_file"),
        ]
        return own + super().get_urls()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The checklist."""
        return pages.page(self._shown(request, object_id))

    def measures_view(self, request: HttpRequest) -> HttpResponse:
        """How onboarding goes, over the handoffs that the reader may see."""
        if reader(request).reach(Handoff.AREA) is None:
            raise PermissionDenied
        return measures_page.page(self, request)

    def item_view(self, request: HttpRequest, pk: int, key: str) -> HttpResponse:
        """Saves one item."""
        shown = self._shown(request, pk, edits=True)
        if request.method != "POST" and not request.headers.get("HX-Request"):
            return deeds.back(shown)
        answer = pages.item_page(shown, key)
        return answer if request.headers.get("HX-Request") or answer.status_code != 200 else deeds.back(shown)

    def do_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Submits, accepts, returns and so on."""
        return deeds.do(self._shown(request, pk, edits=True))

    def sign_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Signs a bad fit off; for leaders, who otherwise only read."""
        return deeds.sign(self._shown(request, pk))

    def file_view(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        """One file, as a download, for whoever may see the handoff."""
        shown = self._shown(request, pk)
        found = shown.handoff.files.filter(pk=number).first()
        if found is None:
            raise Http404("There is no such file, or it is not yours to see.")
        return download(found.content, found.name)  # type: ignore[return-value]

    def _shown(self, request: HttpRequest, pk: Any, *, edits: bool = False) -> pages.Shown:
        rows: models.QuerySet[Any] = self.get_queryset(request).select_related(*RELATED)
        handoff = rows.filter(pk=pk).first() if str(pk).isdigit() else None
        if handoff is None or (edits and not reader(request).may_edit(Handoff.AREA)):
            raise Http404("There is no such handoff, or it is not yours to see.")
        return pages.Shown(self, request, handoff)


@admin.register(HandoffTemplate)
class HandoffTemplateAdmin(ConsoleAdmin):
    """Checklists, and the pages on which they are read and changed."""

    nothing_yet = "Nobody has written a checklist yet. Import a playbook with handoff files, such as the starter's."
    list_display = ("name", "starts", "version", "meaning")
    search_fields = ("name",)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("versions")

    @admin.display(description="Starts")
    def starts(self, template: HandoffTemplate) -> str:
        if template.starts_on_change_of:
            return f"with another {template.get_starts_on_change_of_display()}"
        return f"with a won deal: {template.get_starts_with_display()}" if template.starts_with else "by hand"

    @admin.display(description="Version")
    def version(self, template: HandoffTemplate) -> str:
        latest = next(iter(template.versions.all()), None)
        return f"{latest.number}, published {latest.published_at:%d %b %Y}" if latest else "–"

    def get_urls(self) -> list[URLPattern]:
        return [*template_pages.urls(self), *section_pages.urls(self), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The checklist as the version in force has it."""
        return template_pages.overview(template_pages.shown(self, request, object_id))
