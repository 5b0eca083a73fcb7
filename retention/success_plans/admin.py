from typing import Any

from django.contrib import admin
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path

from accounts.foundation.clock import now
from accounts.foundation.console import ConsoleAdmin, reader
from retention.success_plans import pages, queries, template_pages, view
from retention.success_plans.models import SuccessPlan
from retention.success_plans.office_hours import queries as office_hours
from retention.success_plans.template_models import PlanTemplate
from retention.success_plans.templates import latest_of, with_latest


@admin.register(SuccessPlan)
class SuccessPlanAdmin(ConsoleAdmin):
    """Plans, the page of each, and what is printed of it."""

    nothing_yet = "No customer has a success plan yet. It starts with a won deal, or on the page of an account."
    list_display = ("name", "account", "progress", "tasks_done", "next_date", "state", "started_at")
    list_filter = ("state",)
    search_fields = ("name", "account__name")
    ordering = ("-started_at", "-id")

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        rows = super().get_queryset(request).select_related("account__facts")
        return rows.prefetch_related("objectives", "tasks")

    @admin.display(description="Reached")
    def progress(self, plan: SuccessPlan) -> str:
        percent = queries.overall(queries.progress(plan, queries.facts_beside(plan), on=now().date()))
        return "unknown" if percent is None else f"{percent} %"

    @admin.display(description="Tasks done")
    def tasks_done(self, plan: SuccessPlan) -> str:
        counted = [task for task in plan.tasks.all() if task.state != "skipped"]
        return f"{sum(not task.is_open for task in counted)} of {len(counted)}"

    @admin.display(description="Next date")
    def next_date(self, plan: SuccessPlan) -> Any:
        rows: list[Any] = [*plan.objectives.all(), *plan.tasks.all()]
        days = [one.due_on for one in rows if one.is_open and one.due_on]
        return min(days, default=None)

    def get_urls(self) -> list[URLPattern]:
        prints = [("recap", self.recap_view), ("agenda/<slug:key>", self.agenda_view)]
        routes = [
            path(
                f"<int:pk>/{route}/",
                self.admin_site.admin_view(print_),
                name=f"retention_successplan_{route.partition('/')[0]}",
            )
            for route, print_ in prints
        ]
        return [*pages.urls(self.admin_site.admin_view), *routes, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The plan: objectives with progress and tasks, wins, links, what can be printed."""
        shown = self._shown(request, object_id)
        context = {
            **self.admin_site.each_context(request),
            "title": shown.plan.name,
            "shown": shown,
            "plan": shown.plan,
            "may_edit": view.may_edit(reader(request)),
            "links": view.shared_links(shown.plan, at=now()),
            "office_hours": office_hours.of_plan(shown.plan, at=now(), user=reader(request)),
            "agendas": [one for one in with_latest() if one.kind == PlanTemplate.Kind.AGENDA],
        }
        return render(request, "retention/success_plan/page.html", context)

    def _shown(self, request: HttpRequest, object_id: Any) -> view.Shown:
        rows = SuccessPlan.objects.for_user(reader(request)).filter(pk=object_id)
        found = view.one(rows, at=now()) if str(object_id).isdigit() and self.has_view_permission(request) else None
        if found is None:
            raise Http404("There is no such plan, or it is not yours to see.")
        return found

    def recap_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """One page to print: what was reached, before and after, and thanks to whom."""
        shown = self._shown(request, pk)
        context = {"shown": shown, "plan": shown.plan, "people": queries.thanks_to(shown.plan)}
        return render(request, "retention/success_plan/recap.html", context)

    def agenda_view(self, request: HttpRequest, pk: int, key: str) -> HttpResponse:
        """One page to print: the agenda of a meeting about this plan."""
        shown, version = self._shown(request, pk), latest_of(key)
        if version is None or version.template.kind != PlanTemplate.Kind.AGENDA:
            raise Http404("There is no such agenda.")
        points = version.content.agenda
        context = {"shown": shown, "plan": shown.plan, "template": version.template, "points": points}
        context["minutes"] = sum(point.minutes or 0 for point in points)
        return render(request, "retention/success_plan/agenda.html", context)


@admin.register(PlanTemplate)
class PlanTemplateAdmin(ConsoleAdmin):
    """Templates, what each says, and the page on which it is changed."""

    nothing_yet = (
        "Nobody has written a template yet. Import a playbook with plan_template files, such as the starter's."
    )
    list_display = ("name", "kind", "meaning", "in_force")
    list_filter = ("kind",)
    search_fields = ("name", "key")

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("versions")

    @admin.display(description="Version")
    def in_force(self, template: PlanTemplate) -> str:
        latest = next(iter(template.versions.all()), None)
        return f"{latest.number}, published {latest.published_at:%d %b %Y}" if latest else "–"

    def get_urls(self) -> list[URLPattern]:
        return [*template_pages.urls(self), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The template as its latest version says it."""
        return template_pages.overview(self, request, object_id)
