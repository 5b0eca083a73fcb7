"""The console's sources: connect one, see it live, and look after its keys."""

import datetime as dt
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse

from accounts.foundation.clock import now
from accounts.foundation.console import ConsoleAdmin, filled_in, reader
from accounts.ingestion.sources import queries, services
from accounts.team import keys
from accounts.workspace import services as workspace
from accounts.workspace.models import Source

PLACEHOLDER = "YOUR_WRITE_KEY"
MONTH = dt.timedelta(days=30)


class SourceForm(forms.Form):
    """A source as a person describes it."""

    name = forms.CharField(max_length=100, help_text="As your people call it, such as Product or Web app.")
    kind = forms.ChoiceField(choices=Source.Kind.choices)
    stale_after_hours = forms.IntegerField(
        label="May be silent for (hours)",
        min_value=1,
        max_value=8760,
        initial=72,
        help_text="Silent for longer than this, what it told us reads as unknown: an outage must not look like "
        "customers leaving.",
    )
    accepts_proposals = forms.BooleanField(
        label="Contracts of won deals",
        required=False,
        help_text="For a CRM: a deal that it reports as won becomes a contract by itself where nothing is missing.",
    )


@admin.register(Source)
class SourceAdmin(ConsoleAdmin):
    """The systems that tell us things, how much each delivers, and when it last did."""

    search_fields = ("name", "key")

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = {"edit": self.edit_view, "live": self.live_view, "key": self.key_view, "revoke": self.revoke_view}
        return [
            path("add/", wrap(self.new_view), name="accounts_source_add"),
            *(path(f"<int:pk>/{name}/", wrap(view), name=f"accounts_source_{name}") for name, view in own.items()),
            *super().get_urls(),
        ]

    def _may_edit(self, request: HttpRequest) -> bool:
        return bool(reader(request).may_edit(Source.AREA))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._may_edit(request)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """All sources with their state and what they delivered lately."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        at = now()
        delivered = queries.counts_by_source(since=at - MONTH)
        rows = [
            (source, queries.state(source, at=at), delivered.get(source.pk, queries.Counts()))
            for source in self.get_queryset(request).order_by("name")
        ]
        context = {"title": "Sources", "rows": rows, "may_edit": self._may_edit(request)}
        return self._page(request, "list", context)

    def _page(self, request: HttpRequest, name: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        whole = {**self.admin_site.each_context(request), **context}
        return render(request, f"accounts/source/{name}.html", whole, status=status)

    def _source(self, request: HttpRequest, object_id: Any) -> Source:
        source = self.get_object(request, str(object_id))
        if source is None or not self.has_view_permission(request):
            raise Http404("There is no such source, or it is not yours to see.")
        return source

    def _editable(self, request: HttpRequest, pk: int) -> Source:
        if request.method != "POST" or not self._may_edit(request):
            raise Http404
        return self._source(request, pk)

    def new_view(self, request: HttpRequest) -> HttpResponse:
        """Creates a source with its write key, which is shown this once."""
        if not self._may_edit(request):
            raise Http404
        form = SourceForm(request.POST or None)
        if connected := filled_in(request, form, services.connect):
            source, text = connected
            return self._shown(request, source, key=text)
        context = {"title": "Connect a source", "form": form, "action": "Create source and write key"}
        return self._page(request, "form", context, status=400 if form.errors else 200)

    def edit_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Changes the source's name, its kind or how long it may be silent."""
        source = self._source(request, pk)
        if not self._may_edit(request):
            raise Http404
        before = {name: getattr(source, name) for name in SourceForm.base_fields}
        form = SourceForm(request.POST or None, initial=before)
        if changed := filled_in(request, form, partial(workspace.change_source, source)):
            messages.success(request, f"{changed.name} is saved.")
            return _to(changed)
        context = {"title": f"Edit {before['name']}", "form": form, "action": "Save", "source": source}
        return self._page(request, "form", context, status=400 if form.errors else 200)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The source's page: its state and counts, live; how to send; its keys; the latest signals."""
        return self._shown(request, self._source(request, object_id))

    def _shown(self, request: HttpRequest, source: Source, *, key: str = "") -> HttpResponse:
        context = {
            **self._live(request, source),
            "title": source.name,
            "key": key,
            "shown_key": key or PLACEHOLDER,
            "host": request.build_absolute_uri("/").rstrip("/"),
            "keys": queries.write_keys(source),
            "may_edit": self._may_edit(request),
        }
        return self._page(request, "page", context)

    def _live(self, request: HttpRequest, source: Source) -> dict[str, Any]:
        at = now()
        return {
            "source": source,
            "state": queries.state(source, at=at),
            "today": queries.counts(source, since=at - dt.timedelta(days=1)),
            "ever": queries.counts(source),
            "days": queries.by_day(source, at=at),
            "names": queries.latest_names(source),
            "signals": queries.latest_signals(source, user=reader(request)),
            "linked": queries.linked(source),
            "unknown": queries.unknown(source),
        }

    def live_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The part of the page that keeps itself up to date."""
        return render(request, "accounts/source/live.html", self._live(request, self._source(request, pk)))

    def key_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A new write key, shown this once; the earlier ones end if so wished."""
        source = self._editable(request, pk)
        newest = request.POST.get("newest", "")
        try:
            text = services.new_key(
                source,
                only=request.POST.get("only") == "1",
                instead_of=int(newest) if newest.isdigit() and len(newest) < 19 else None,
                by=reader(request),
                at=now(),
            )
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return _to(source)
        return self._shown(request, source, key=text)

    def revoke_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ends one write key at once."""
        source = self._editable(request, pk)
        named = request.POST.get("key", "")
        key = next((one for one in queries.write_keys(source) if str(one.pk) == named), None)
        if key is None:
            raise Http404
        keys.revoke(key, by=reader(request), at=now())
        messages.success(request, f"The key hf_{key.prefix}… is revoked: what is sent with it is refused from now on.")
        return _to(source)


def _to(source: Source) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:accounts_source_change", args=[source.pk]))
