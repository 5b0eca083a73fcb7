"""The console's tracking plan: one page for what event names and pages mean, and for names that mean nothing yet."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse

from accounts.foundation.clock import now
from accounts.foundation.console import ConsoleAdmin, filled_in, reader
from accounts.ingestion.models import Feature, Milestone, PageIntent
from accounts.ingestion.plan import history_page, queries, services
from accounts.workspace.models import Source

NAMES = 50


class Lines(forms.CharField):
    """Several texts, one a line."""

    widget = forms.Textarea(attrs={"rows": 5})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        return super().clean(value).splitlines()


class FeatureForm(forms.Form):
    """A feature of the product."""

    name = forms.CharField(max_length=120)
    tier = forms.ChoiceField(choices=Feature.Tier.choices, help_text="Core: whoever uses the product needs it.")
    events = Lines(label="Event names", help_text="One a line. Each of them counts as a use.")


class MilestoneForm(forms.Form):
    """Something that an account achieves once."""

    name = forms.CharField(max_length=120)
    events = Lines(label="Event names", help_text="One a line. The first of any of them reaches it.")


class IntentForm(forms.Form):
    """What visits to certain pages tell."""

    name = forms.CharField(max_length=120)
    paths = Lines(label="Pages", help_text="One path a line; * stands for any text: /pricing*.")


@dataclass(frozen=True)
class Part:
    """One list of the plan: its model, its form, and the service that saves an entry."""

    noun: str
    model: Any
    form: type[forms.Form]
    save: Any


PARTS = {
    "feature": Part("feature", Feature, FeatureForm, services.save_feature),
    "milestone": Part("milestone", Milestone, MilestoneForm, services.save_milestone),
    "intent": Part("page intent", PageIntent, IntentForm, services.save_intent),
}


@admin.register(Feature)
class FeatureAdmin(ConsoleAdmin):
    """The tracking plan: what the events of the product and the pages of its site mean."""

    search_fields = ("name", "key")

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("map/", wrap(self.map_view), name="accounts_plan_map"),
            path("notice/", wrap(self.notice_view), name="accounts_plan_notice"),
            path("<str:part>/new/", wrap(self.new_view), name="accounts_plan_new"),
            path("<str:part>/<int:pk>/", wrap(self.edit_view), name="accounts_plan_edit"),
            path("<str:part>/<int:pk>/history/", wrap(self.past_view), name="accounts_plan_history"),
            path("<str:part>/<int:pk>/remove/", wrap(self.remove_view), name="accounts_plan_remove"),
            *super().get_urls(),
        ]

    def _may_edit(self, request: HttpRequest) -> bool:
        return bool(reader(request).may_edit(Feature.AREA))

    def _must_edit(self, request: HttpRequest) -> None:
        if not self._may_edit(request):
            raise Http404

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The whole plan on one page."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        search, source = request.GET.get("q", "").strip()[:200], request.GET.get("source", "")
        page = Paginator(queries.unmapped(search=search, source=source), NAMES).get_page(request.GET.get("page"))
        context = {
            **self.admin_site.each_context(request),
            "title": "Tracking plan",
            "page": page,
            "names": queries.read(page.object_list),
            "search": search,
            "source": source,
            "sources": Source.objects.all(),
            "features": queries.features(),
            "milestones": queries.milestones(),
            "intents": queries.intents(),
            "ignored": queries.ignored(),
            "beyond": queries.beyond(),
            "may_edit": self._may_edit(request),
        }
        return render(request, "accounts/plan/page.html", context)

    def map_view(self, request: HttpRequest) -> HttpResponse:
        """Says what one event name means."""
        self._must_edit(request)
        if request.method != "POST":
            return _to_plan()
        name, error, meaning = request.POST.get("name", ""), "", None
        try:
            meaning = services.map_name(name, to=request.POST.get("to", ""), by=reader(request), at=now())
        except ValidationError as refused:
            error = " ".join(refused.messages)
        if request.headers.get("HX-Request"):
            return render(request, "accounts/plan/mapped.html", {"name": name, "meaning": meaning, "error": error})
        if meaning is None:
            messages.error(request, error)
        else:
            messages.success(request, f"{name} {meaning.said}. That counts for what comes from now on.")
        return _to_plan()

    def notice_view(self, request: HttpRequest) -> HttpResponse:
        """Lists an ignored name again."""
        self._must_edit(request)
        if request.method == "POST":
            services.notice(request.POST.get("name", ""), by=reader(request), at=now())
        return _to_plan()

    def new_view(self, request: HttpRequest, part: str) -> HttpResponse:
        """Adds a feature, a milestone or a page intent."""
        self._must_edit(request)
        return self._form(request, _part(part), None)

    def edit_view(self, request: HttpRequest, part: str, pk: int) -> HttpResponse:
        """Changes one entry of the plan."""
        self._must_edit(request)
        return self._form(request, _part(part), self._entry(_part(part), pk))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A feature's address of old leads to where it is edited."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self._form(request, PARTS["feature"], self._entry(PARTS["feature"], object_id))

    def _entry(self, part: Part, pk: Any) -> Any:
        row = part.model.objects.filter(pk=pk).first() if str(pk).isdigit() and len(str(pk)) < 19 else None
        if row is None:
            raise Http404(f"There is no such {part.noun} any more.")
        return row

    def _form(self, request: HttpRequest, part: Part, row: Any) -> HttpResponse:
        initial = {name: getattr(row, name) for name in part.form.base_fields} if row else None
        form = part.form(request.POST or None, initial=initial)
        if request.method == "POST":
            self._must_edit(request)
        if saved := filled_in(request, form, partial(_save, part, row)):
            messages.success(request, f"{saved.name} is saved. It counts for what comes from now on.")
            return _to_plan()
        context = {
            **self.admin_site.each_context(request),
            "title": f"Edit {row.name}" if row else f"Add a {part.noun}",
            "form": form,
            "row": row,
            "loss": services.plan_removing(row) if row else "",
            "part": next(name for name, one in PARTS.items() if one is part),
            "noun": part.noun,
            "may_edit": self._may_edit(request),
        }
        return render(request, "accounts/plan/form.html", context, status=400 if form.errors else 200)

    def past_view(self, request: HttpRequest, part: str, pk: int) -> HttpResponse:
        """Counts events that came before their names meant anything."""
        self._must_edit(request)
        return history_page.view(self, request, self._entry(_part(part), pk))

    def remove_view(self, request: HttpRequest, part: str, pk: int) -> HttpResponse:
        """Takes an entry out of the plan."""
        self._must_edit(request)
        if request.method != "POST":
            raise Http404
        row = self._entry(_part(part), pk)
        try:
            services.remove(row, by=reader(request), at=now())
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, f"{row.name} is no longer in the plan.")
        return _to_plan()


def _save(part: Part, row: Any, *, name: str, **values: Any) -> Any:
    return part.save(key=row.key if row else services.free_key(part.model, name), name=name, **values)


def _part(name: str) -> Part:
    if name not in PARTS:
        raise Http404
    return PARTS[name]


def _to_plan() -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:accounts_feature_changelist"))
