"""The page Sent: every delivery as a sentence, which opens to its words, what the gates said, and its attempts."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import urlencode

from accounts.events.timeline import within
from accounts.foundation.clock import now
from accounts.foundation.console import ConsoleAdmin, reader
from accounts.outbox import queries, services
from accounts.outbox.admin import mode, notifications
from accounts.outbox.admin.forms import SentForm
from accounts.outbox.models import Delivery, WebhookEndpoint
from accounts.outbox.registry import Promise, transports
from accounts.workspace.queries import workspace

PAGE = 50
VERBS = {"again": services.send_again, "arrived": services.it_arrived, "leave": services.leave_it}
SAID = {"again": "It will be sent again.", "arrived": "Noted: it arrived.", "leave": "It will not be sent."}


@admin.register(Delivery)
class DeliveryAdmin(ConsoleAdmin):
    """What was sent, would have been sent, waits, or came to nothing."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("mode/", wrap(self.mode_view), name="accounts_delivery_mode"),
            path("notifications/", wrap(self.notifications_view), name="accounts_delivery_notifications"),
            path("<int:pk>/decide/", wrap(self.decide_view), name="accounts_delivery_decide"),
            *super().get_urls(),
        ]

    def page(self, request: HttpRequest, name: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        """A page in the console's frame."""
        whole = {**self.admin_site.each_context(request), **context}
        return render(request, f"accounts/outbox/{name}.html", whole, status=status)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """All deliveries one may see, as far as the address asks for them."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = SentForm(request.GET or None)
        chosen = form.chosen()
        rows = _narrowed(queries.deliveries(reader(request)), chosen)
        found = list(rows[: PAGE + 1])
        filters = {name: str(value) for name, value in chosen.items() if name != "older"}
        context = {
            "title": "Sent",
            "lines": [queries.line(row) for row in found[:PAGE]],
            "form": form,
            "is_filtered": bool(filters),
            "older": urlencode(filters | {"older": found[PAGE - 1].pk}) if len(found) > PAGE else "",
            "mode": workspace().get_outbound_mode_display(),
            "is_preview": workspace().outbound_mode == "preview",
        }
        return self.page(request, "sent", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One delivery: its words, what the gates said, its attempts, and what a person can decide."""
        row = self._delivery(request, object_id)
        transport = transports[row.channel]
        is_dead, is_done = row.state == Delivery.State.DEAD, row.state == Delivery.State.DONE
        is_repeatable = transport.promise == Promise.IDEMPOTENT and not transport.is_here
        has_words = hasattr(row, "body")
        context = {
            "title": "Message",
            "line": queries.line(row),
            "row": row,
            "attempts": row.attempts.all(),
            "may_edit": self._may_decide(request, row),
            "can_send_again": has_words and (is_dead or (is_done and is_repeatable)),
            "can_say_arrived": is_dead and row.outcome == Delivery.Outcome.UNKNOWN,
            "can_leave": is_dead,
            "is_never_twice": transport.promise == Promise.NEVER_TWICE,
        }
        return self.page(request, "delivery", context)

    def decide_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Does what a person decided about a delivery that the machine gave up."""
        row, verb = self._delivery(request, pk), request.POST.get("verb", "")
        if request.method != "POST" or verb not in VERBS or not self._may_decide(request, row):
            raise Http404
        try:
            VERBS[verb](row, by=reader(request), at=now())
        except ValidationError as refused:
            messages.error(request, " ".join(refused.messages))
        else:
            messages.success(request, SAID[verb])
        return HttpResponseRedirect(reverse("admin:accounts_delivery_change", args=[pk]))

    def mode_view(self, request: HttpRequest) -> HttpResponse:
        """To whom the installation may send: what would go first, then the change."""
        return mode.view(self, request)

    def notifications_view(self, request: HttpRequest) -> HttpResponse:
        """What the reader is told in the console."""
        return notifications.view(self, request)

    def _delivery(self, request: HttpRequest, object_id: Any) -> Delivery:
        text = str(object_id)
        rows = queries.deliveries(reader(request))
        row = rows.filter(pk=int(text)).first() if text.isascii() and text.isdigit() and len(text) < 19 else None
        if row is None:
            raise Http404("There is no such message, or it is not yours to see.")
        return row

    def _may_decide(self, request: HttpRequest, row: Delivery) -> bool:
        area = WebhookEndpoint.AREA if row.endpoint_id else Delivery.AREA
        return bool(reader(request).may_edit(area))


def _narrowed(rows: QuerySet[Any], chosen: dict[str, Any]) -> QuerySet[Any]:
    if "account" in chosen:
        rows = rows.filter(account__name__icontains=chosen["account"])
    if "person" in chosen:
        rows = rows.filter(queries.about_person(chosen["person"]))
    if "channel" in chosen:
        rows = rows.filter(channel=chosen["channel"])
    if "status" in chosen:
        rows = rows.filter(queries.STATUSES[chosen["status"]][1])
    if "older" in chosen and (below := Delivery.objects.filter(pk=chosen["older"]).first()):
        same = Q(created_at=below.created_at, pk__lt=below.pk)
        rows = rows.filter(Q(created_at__lt=below.created_at) | same)
    return within(rows, chosen.get("first"), chosen.get("last"), timezone.get_current_timezone(), field="created_at")
