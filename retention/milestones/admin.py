from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse

from accounts.foundation.clock import now
from accounts.foundation.console import ConsoleAdmin, reader
from accounts.portfolio.models import Account
from retention.evaluation.reading import in_words
from retention.evaluation.sampling import fingerprint
from retention.milestones import panels, queries
from retention.milestones.forms import MilestoneForm, RouteForm, free_key
from retention.milestones.models import MilestoneRoute, ValueMilestone
from retention.milestones.preview import preview
from retention.milestones.services import MilestoneDraft, RouteDraft, check, define, draft_of
from retention.milestones.standing import WORDS

DEADLINES = {
    MilestoneRoute.Clock.CLOSED_WON: "{days} days after closed/won",
    MilestoneRoute.Clock.DECISION: "{days} days before the decision date",
}


AGREED = {"is_agreed": True}
"""Where nothing changes but names, nobody has to look first."""


@admin.register(ValueMilestone)
class ValueMilestoneAdmin(ConsoleAdmin):
    """Milestones: who has reached which, how soon first value comes, and what counts as reached by when."""

    search_fields = ("name",)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path("new/", wrap(self.new_view), name="retention_valuemilestone_new"),
            path("<int:pk>/edit/", wrap(self.edit_view), name="retention_valuemilestone_edit"),
            path("<int:pk>/route/", wrap(self.route_view), name="retention_valuemilestone_add_route"),
            path("<int:pk>/route/<str:key>/", wrap(self.route_view), name="retention_valuemilestone_route"),
            path("<int:pk>/route/<str:key>/remove/", wrap(self.remove_view), name="retention_valuemilestone_remove"),
            path("reached/<int:pk>/take-back/", wrap(panels.take_back_view), name="retention_accountmilestone_back"),
        ]
        return own + super().get_urls()

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """All milestones with how the book stands, and the time to first value of one grouping."""
        user = reader(request)
        if user.reach(ValueMilestone.AREA) is None:
            raise PermissionDenied
        sees = user.reach(Account.AREA) is not None
        groupings = queries.groupings()
        by = request.GET.get("by", "")
        by = by if by in groupings else ""
        rows, untracked = queries.time_to_value(user, grouping=by, at=now()) if sees else ([], 0)
        spread = queries.spread(user) if sees else {}
        context = {
            **self.admin_site.each_context(request),
            "title": "Milestones",
            "milestones": [(one, _counts(spread.get(one.key, {}))) for one in queries.milestones()],
            "words": list(WORDS.values()),
            "groupings": groupings.items(),
            "by": by,
            "rows": rows,
            "untracked": untracked,
            "may_edit": user.may_edit(ValueMilestone.AREA),
        }
        return render(request, "retention/milestones/list.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One milestone: its routes in words, in the order in which they are asked."""
        milestone = self._milestone(request, object_id)
        routes = [
            (row, in_words(row.applies) if row.applies else "", _told(row), _deadline(row))
            for row in milestone.routes.all()
        ]
        context = {**self._context(request, milestone.name, milestone), "routes": routes}
        return render(request, "retention/milestones/page.html", context)

    def new_view(self, request: HttpRequest) -> HttpResponse:
        """Adds a milestone that everybody reaches by hand, until its routes say otherwise."""
        self._must_edit(request)
        form = MilestoneForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            key = free_key(form.cleaned_data["name"], set(ValueMilestone.objects.values_list("key", flat=True)))
            draft = MilestoneDraft(key=key, routes=[RouteDraft("everybody", "Everybody")], **form.cleaned_data)
            if row := self._defined(request, draft, form):
                return _page_of(row)
        return self._form(request, form, "New milestone")

    def edit_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What a milestone is called, and whether it is in use."""
        self._must_edit(request)
        milestone = self._milestone(request, pk)
        draft = draft_of(milestone)
        form = MilestoneForm(request.POST or None, initial=MilestoneForm.of(draft))
        shown: dict[str, Any] = {}
        if request.method == "POST" and form.is_valid():
            made = replace(draft, **form.cleaned_data)
            shown = self._looked_at(request, milestone, made, form) if made.is_active != draft.is_active else AGREED
            if shown.get("is_agreed") and self._defined(request, made, form):
                return _page_of(milestone)
        return self._form(request, form, f"Change {milestone.name}", milestone, shown)

    def route_view(self, request: HttpRequest, pk: int, key: str = "") -> HttpResponse:
        """One route: for whom, how it is reached, and by when. A new one stands before that for everybody."""
        self._must_edit(request)
        milestone = self._milestone(request, pk)
        draft = draft_of(milestone)
        route = next((one for one in draft.routes if one.key == key), None)
        if key and route is None:
            raise Http404("There is no such route any more.")
        form, shown = RouteForm(request.POST or None, route=route), dict[str, Any]()
        if request.method == "POST" and form.is_valid():
            made = form.draft({one.key for one in draft.routes})
            routes = [made if one.key == key else one for one in draft.routes]
            if route is None:
                routes = sorted([*routes, made], key=lambda one: one.applies is None)
            shown = self._looked_at(request, milestone, replace(draft, routes=routes), form)
            if shown.get("is_agreed") and self._defined(request, replace(draft, routes=routes), form):
                return _page_of(milestone)
        title = f"{milestone.name}: {route.name}" if route else f"New route to {milestone.name}"
        return self._form(request, form, title, milestone, shown)

    def remove_view(self, request: HttpRequest, pk: int, key: str) -> HttpResponse:
        """Takes a route away, after what that does was looked at."""
        self._must_edit(request)
        milestone = self._milestone(request, pk)
        if request.method != "POST":
            return _page_of(milestone)
        draft, form = draft_of(milestone), forms.Form(request.POST)
        form.is_valid()
        draft = replace(draft, routes=[one for one in draft.routes if one.key != key])
        shown = self._looked_at(request, milestone, draft, form)
        if shown.get("is_agreed") and self._defined(request, draft, form):
            return _page_of(milestone)
        if not shown:
            messages.error(request, " ".join(map(str, form.non_field_errors())))
            return _page_of(milestone)
        return self._form(request, form, f"Remove a route to {milestone.name}", milestone, shown)

    def _looked_at(
        self, request: HttpRequest, milestone: ValueMilestone, draft: MilestoneDraft, form: Any
    ) -> dict[str, Any]:
        """What the draft would do, and whether that was seen, and confirmed where it does something large."""
        try:
            check(draft)
        except ValidationError as refused:
            _blame(form, refused)
            return {}
        found, seen = preview(draft, milestone, user=reader(request), at=now()), fingerprint(draft)
        wants, was_seen = request.POST.get("do") == "save", request.POST.get("seen") == seen
        is_agreed = wants and was_seen and bool(request.POST.get("confirmed") or not found.questions)
        return {
            "preview": found,
            "seen": seen,
            "is_agreed": is_agreed,
            "is_stale": wants and not was_seen,
            "is_unsure": wants and was_seen and not is_agreed,
        }

    def _defined(self, request: HttpRequest, draft: MilestoneDraft, form: Any) -> ValueMilestone | None:
        try:
            row = define(draft, by=reader(request), at=now())
        except ValidationError as refused:
            _blame(form, refused)
            return None
        messages.success(request, f"{row} is saved. Every account is looked at anew.")
        return row

    def _milestone(self, request: HttpRequest, object_id: Any) -> ValueMilestone:
        rows = self.get_queryset(request).prefetch_related("routes")
        row = rows.filter(pk=object_id).first() if str(object_id).isdigit() else None
        if row is None:
            raise Http404("There is no such milestone, or it is not yours to see.")
        return row

    def _must_edit(self, request: HttpRequest) -> None:
        if not reader(request).may_edit(ValueMilestone.AREA):
            raise Http404

    def _form(
        self,
        request: HttpRequest,
        form: Any,
        title: str,
        milestone: ValueMilestone | None = None,
        shown: Mapping[str, Any] = MappingProxyType({}),
    ) -> HttpResponse:
        label = "Save" if isinstance(form, MilestoneForm) else "Show what it would do"
        context = {**self._context(request, title, milestone), "form": form, "label": label, **shown}
        return render(request, "retention/milestones/edit.html", context, status=400 if form.errors else 200)

    def _context(self, request: HttpRequest, title: str, milestone: ValueMilestone | None) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "title": title,
            "milestone": milestone,
            "may_edit": reader(request).may_edit(ValueMilestone.AREA),
        }


def _page_of(milestone: ValueMilestone) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:retention_valuemilestone_change", args=[milestone.pk]))


def _blame(form: Any, refused: ValidationError) -> None:
    """Puts what was refused beside the fields it speaks of."""
    found = refused.message_dict if hasattr(refused, "error_dict") else {"": refused.messages}
    for place, texts in found.items():
        name = place.rpartition("].")[2].partition(".")[0].partition("[")[0]
        form.add_error(name if name in form.fields else None, texts)


def _counts(counted: Any) -> list[tuple[str, int]]:
    """How many accounts stand how, each with its word."""
    return [(word, counted.get(status, 0)) for status, word in WORDS.items()]


def _told(row: MilestoneRoute) -> str:
    """How a route is reached, in words."""
    if row.event:
        return f"An event of the tracking plan: {row.event.replace('_', ' ')}"
    return in_words(row.condition) if row.condition else "Said by hand, with evidence"


def _deadline(row: MilestoneRoute) -> str:
    if row.days is None:
        return ""
    return DEADLINES[MilestoneRoute.Clock(row.clock)].format(days=row.days)
