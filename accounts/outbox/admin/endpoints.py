"""Webhooks in the console: an endpoint with its secret shown once, its state, a test, its latest deliveries."""

import datetime as dt
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse

from accounts.foundation.clock import now
from accounts.foundation.console import ConsoleAdmin, filled_in, reader
from accounts.outbox import queries
from accounts.outbox.admin.forms import EndpointForm
from accounts.outbox.endpoints import services
from accounts.outbox.models import WebhookEndpoint
from accounts.portfolio.events import words
from accounts.workspace.queries import workspace

LATEST = 30
WEEK = dt.timedelta(days=7)
VERBS = {"test": services.test, "pause": services.pause, "resume": services.resume, "off": services.switch_off}
SAID = {
    "test": "A test is on its way; it is the first line below.",
    "pause": "Paused: what happens from now on waits.",
    "resume": "Resumed: what waited is sent first.",
    "off": "Switched off: it hears nothing any more.",
}


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(ConsoleAdmin):
    """Other systems that hear of what happens here."""

    search_fields = ("name",)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = {"edit": self.edit_view, "rotate": self.rotate_view, "do": self.verb_view}
        return [
            path("add/", wrap(self.new_view), name="accounts_webhookendpoint_add"),
            *(
                path(f"<int:pk>/{name}/", wrap(view), name=f"accounts_webhookendpoint_{name}")
                for name, view in own.items()
            ),
            *super().get_urls(),
        ]

    def _may_edit(self, request: HttpRequest) -> bool:
        return bool(reader(request).may_edit(WebhookEndpoint.AREA))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._may_edit(request)

    def _page(self, request: HttpRequest, name: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        preview = workspace().outbound_mode == "preview"
        whole = {**self.admin_site.each_context(request), "is_preview": preview, **context}
        return render(request, f"accounts/outbox/{name}.html", whole, status=status)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """All endpoints with their state and how the last week went."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = queries.endpoints_with_counts(since=now() - WEEK)
        return self._page(
            request, "endpoints", {"title": "Webhooks", "rows": rows, "may_edit": self._may_edit(request)}
        )

    def new_view(self, request: HttpRequest) -> HttpResponse:
        """Makes an endpoint with its secret, which is shown this once."""
        if not self._may_edit(request):
            raise Http404
        form = EndpointForm(request.POST or None)
        if made := filled_in(request, form, services.create):
            endpoint, secret = made
            return self._shown(request, endpoint, secret=secret)
        context = {"title": "Add an endpoint", "form": form, "action": "Add endpoint and make its secret"}
        return self._page(request, "endpoint_form", context, status=400 if form.errors else 200)

    def edit_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Changes its name, its address or the events it hears of."""
        endpoint = self._editable(request, pk)
        before = {name: getattr(endpoint, name) for name in EndpointForm.base_fields}
        form = EndpointForm(request.POST or None, initial=before)
        if changed := filled_in(request, form, partial(services.change, endpoint)):
            messages.success(request, f"{changed.name} is saved.")
            return _to(pk)
        context = {"title": f"Edit {before['name']}", "form": form, "action": "Save", "endpoint": endpoint}
        return self._page(request, "endpoint_form", context, status=400 if form.errors else 200)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The endpoint's page."""
        return self._shown(request, self._endpoint(request, object_id))

    def _shown(self, request: HttpRequest, endpoint: WebhookEndpoint, *, secret: str = "") -> HttpResponse:
        rows = queries.deliveries(reader(request)).filter(endpoint=endpoint)[:LATEST]
        context = {
            "title": endpoint.name,
            "endpoint": endpoint,
            "secret": secret,
            "kinds": [words(kind) for kind in endpoint.kinds],
            "lines": [queries.line(row) for row in rows],
            "may_edit": self._may_edit(request),
            "is_resting": bool(endpoint.resting_until and endpoint.resting_until > now()),
        }
        return self._page(request, "endpoint", context)

    def rotate_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A new secret, shown this once; the one before signs along for a day."""
        if request.method != "POST":
            return _to(pk)
        endpoint = self._editable(request, pk)
        secret = services.rotate(endpoint, by=reader(request), at=now())
        return self._shown(request, self._endpoint(request, pk), secret=secret)

    def verb_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Tests, pauses, resumes or switches it off."""
        endpoint, verb = self._editable(request, pk), request.POST.get("verb", "")
        if request.method != "POST" or verb not in VERBS:
            raise Http404
        try:
            VERBS[verb](endpoint, by=reader(request), at=now())
        except ValidationError as refused:
            messages.error(request, " ".join(refused.messages))
        else:
            messages.success(request, SAID[verb])
        return _to(pk)

    def _endpoint(self, request: HttpRequest, object_id: Any) -> WebhookEndpoint:
        endpoint = self.get_object(request, str(object_id))
        if endpoint is None or not self.has_view_permission(request):
            raise Http404("There is no such endpoint, or it is not yours to see.")
        return endpoint

    def _editable(self, request: HttpRequest, pk: int) -> WebhookEndpoint:
        if not self._may_edit(request):
            raise Http404
        return self._endpoint(request, pk)


def _to(pk: int) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:accounts_webhookendpoint_change", args=[pk]))
