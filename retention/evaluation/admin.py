from typing import Any

from django.contrib import admin, messages
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from unfold.decorators import display

from accounts.foundation.clock import now
from accounts.foundation.console import ConsoleAdmin, reader
from retention.conditions.wording import for_at_least
from retention.evaluation import incidents
from retention.evaluation.models import HOLD, FullPass, Incident, Watch
from retention.evaluation.queries import progress
from retention.evaluation.reading import in_words

REMEDIES = {
    Incident.Kind.MISSED: "The verdicts have been put right and their plays decided. It should not happen: keep the "
    "lines below and report them, so that the cause is found.",
    Incident.Kind.ROUNDS: "These accounts move from stage to stage by their own consequences, and were stopped. Look "
    "at the criteria named below: one of them reads the stage in a way that undoes another.",
    Incident.Kind.UNREADABLE: "The rule reads a fact that is gone or has another type. Its state is kept, and nothing "
    "follows from it until it is published again with facts that exist.",
}


class OperatorsAdmin(ConsoleAdmin):
    """Pages about the machinery, which names accounts of the whole book: for those who define rules."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) and reader(request).may_edit(self.model.AREA)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)


@admin.register(Incident)
class IncidentAdmin(OperatorsAdmin):
    """What is wrong with the evaluation itself, what it means, and what to do."""

    nothing_yet = "Nothing has gone wrong with the evaluation. What does appears here, with what to do."
    list_display = ("last_seen_at", "kind", "subject", "times", "shown_state")
    list_filter = ("kind", ("closed_at", admin.EmptyFieldListFilter))

    @display(description="State", label={"Open": "danger", "Looked at": "success"})
    def shown_state(self, incident: Incident) -> str:
        return "Looked at" if incident.closed_at else "Open"

    def get_urls(self) -> list[URLPattern]:
        close = self.admin_site.admin_view(self.close_view)
        return [path("<int:pk>/close/", close, name="retention_incident_close"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The incident with what it means and what to do."""
        incident = self._incident(request, object_id)
        context = {
            **self.admin_site.each_context(request),
            "title": incident.get_kind_display(),
            "incident": incident,
            "remedy": REMEDIES[Incident.Kind(incident.kind)],
            "may_edit": reader(request).may_edit(Incident.AREA),
        }
        return render(request, "retention/incident/page.html", context)

    def close_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Somebody has looked at it."""
        incident = self._incident(request, pk)
        if request.method != "POST" or not reader(request).may_edit(Incident.AREA):
            raise Http404
        incidents.close(incident, by=reader(request), at=now())
        messages.success(request, "Closed. It comes back as a new incident if it happens again.")
        return HttpResponseRedirect(reverse("admin:retention_incident_changelist"))

    def _incident(self, request: HttpRequest, object_id: Any) -> Incident:
        incident = self.get_object(request, str(object_id))
        if incident is None or not self.has_view_permission(request, incident):
            raise Http404("There is no such incident, or it is not yours to see.")
        return incident


@admin.register(FullPass)
class FullPassAdmin(OperatorsAdmin):
    """The nightly check that no verdict was missed."""

    nothing_yet = "No full pass has run yet. The worker runs one each night."
    list_display = ("started_at", "accounts", "verdict", "duration")
    fields = ("started_at", "finished_at", "accounts", "missed")

    @display(description="Verdicts missed", label={"none": "success"})
    def verdict(self, row: FullPass) -> str:
        return str(row.missed) if row.missed else "none" if row.finished_at else "running, or cut short"

    @admin.display(description="Took")
    def duration(self, row: FullPass) -> str:
        return f"{(row.finished_at - row.started_at).total_seconds():.1f} s" if row.finished_at else "–"


@admin.register(Watch)
class WatchAdmin(OperatorsAdmin):
    """Every rule that is followed for every account, in words."""

    nothing_yet = "No rule is followed yet. Lifecycles, segments and plays bring theirs as soon as they are published."
    list_display = ("key", "definition", "enters", "shown_state")
    list_filter = ("reader", "active")
    search_fields = ("key",)
    fields = ("key", "definition", "enters", "leaves", "shown_state", "changed_at")
    readonly_fields = ("enters", "leaves", "shown_state")
    list_fullwidth = True

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return super().get_queryset(request).exclude(reader=HOLD)

    @admin.display(description="Enters when")
    def enters(self, watch: Watch) -> str:
        return in_words(watch.enter) + for_at_least(watch.enter_after_days)

    @admin.display(description="Leaves when")
    def leaves(self, watch: Watch) -> str:
        said = in_words(watch.leave) if watch.leave else "that is no longer true"
        return said + for_at_least(watch.leave_after_days)

    @display(description="State", label={"Active": "success", "Stopped": "info"})
    def shown_state(self, watch: Watch) -> str:
        if watch.preparing in (Watch.Preparing.DONE, Watch.Preparing.RELEASE):
            return "Active" if watch.active else "Stopped"
        return f"{watch.get_preparing_display()}: {progress(watch):.0%}"
