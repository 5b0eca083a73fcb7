"""The audit trail in the console: a ledger to read by thing, by person, by time and by the way it came in."""

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from accounts.foundation import spreadsheets
from accounts.foundation.clock import now
from accounts.foundation.console import ConsoleAdmin, reader
from accounts.foundation.dates import DayField
from accounts.foundation.models import AuditEntry
from accounts.foundation.records import Record
from accounts.team.models import User
from accounts.trail.export import rows
from accounts.trail.reading import kinds, told
from accounts.trail.words import DOORS

ROWS = 50
BY_ITSELF = "system"
DAY = dt.timedelta(days=1)


class TrailForm(forms.Form):
    """What of the trail somebody wants to read."""

    who = forms.ChoiceField(required=False, label="Who")
    about = forms.ChoiceField(required=False, label="About")
    object = forms.CharField(required=False, max_length=80, widget=forms.HiddenInput)
    first = DayField(required=False, label="From")
    last = DayField(required=False, label="Until")
    door = forms.ChoiceField(choices=[("", "Any way"), *DOORS.items()], required=False, label="How")
    before = forms.IntegerField(required=False, min_value=1, max_value=2**62, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = [(str(one.pk), str(one)) for one in User.objects.for_user(user)]
        self.fields["who"].choices = [("", "Anybody"), (BY_ITSELF, "Holdfast itself"), *people]  # type: ignore[attr-defined]
        self.fields["about"].choices = [("", "Anything"), *_kinds()]  # type: ignore[attr-defined]

    def rows(self, entries: models.QuerySet[Any]) -> models.QuerySet[Any]:
        """The entries asked for, newest first; nothing where a filter makes no sense."""
        if not self.is_valid():
            return entries.none()
        asked, zone = self.cleaned_data, timezone.get_current_timezone()
        if who := asked["who"]:
            mine = models.Q(actor_id=None) if who == BY_ITSELF else models.Q(actor_id=who) | models.Q(behalf_of_id=who)
            entries = entries.filter(mine)
        if asked["about"]:
            entries = entries.filter(_about(asked["about"], asked["object"]))
        if asked["door"]:
            entries = entries.filter(door=asked["door"])
        if asked["first"]:
            entries = entries.filter(at__gte=dt.datetime.combine(asked["first"], dt.time(), zone))
        if asked["last"]:
            entries = entries.filter(at__lt=dt.datetime.combine(asked["last"] + DAY, dt.time(), zone))
        last = entries.model.objects.filter(pk=asked["before"]).first() if asked["before"] else None
        if last:
            entries = entries.filter(models.Q(at__lt=last.at) | models.Q(at=last.at, pk__lt=last.pk))
        return entries.order_by("-at", "-pk")


def _about(kind: str, pk: str) -> models.Q:
    """Entries about one thing, or about all of a kind; an account's are those about whatever belongs to it, too."""
    if not pk:
        return models.Q(object_type=kind)
    exactly = models.Q(object_type=kind, object_id=pk)
    is_account = kinds()[kind].ACCOUNT_PATH == ""
    return exactly | models.Q(account_id=pk) if is_account and pk.isdecimal() and len(pk) < 19 else exactly


def _kinds() -> list[tuple[str, str]]:
    named = [(name, str(model._meta.verbose_name).capitalize()) for name, model in kinds().items()]
    return sorted(named, key=lambda one: one[1].lower())


@admin.register(AuditEntry)
class AuditEntryAdmin(ConsoleAdmin):
    """Who changed what, when, from what to what; nobody changes anything here."""

    search_fields = ("verb",)

    def get_urls(self) -> list[URLPattern]:
        export = self.admin_site.admin_view(self.export_view)
        return [path("export.csv", export, name="accounts_auditentry_export"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The trail, newest first, a page at a time: its length does not matter."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = TrailForm(request.GET, user=reader(request))
        found = list(form.rows(self.get_queryset(request))[: ROWS + 1])
        asked = {name: value for name, value in request.GET.items() if value and name != "before"}
        context = {
            "title": "Audit trail",
            "form": form,
            "lines": told(found[:ROWS], reader=reader(request)),
            "older": urlencode({**asked, "before": found[ROWS - 1].pk}) if len(found) > ROWS else "",
            "is_narrowed": bool(asked),
            "asked": urlencode(asked),
            "subject": _subject(form, reader(request)),
        }
        return self._page(request, context, status=400 if form.errors else 200)

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """What the page shows under these filters, all of it, as a file."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = TrailForm(request.GET, user=reader(request))
        if not form.is_valid():
            return HttpResponseRedirect(f"{reverse('admin:accounts_auditentry_changelist')}?{request.GET.urlencode()}")
        entries = form.rows(self.get_queryset(request))
        return spreadsheets.answer(f"audit-trail-{now():%Y-%m-%d}", rows(entries, reader=reader(request)))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One entry."""
        entry = self.get_object(request, object_id)
        if entry is None or not self.has_view_permission(request):
            raise Http404("There is no such entry, or it is not yours to see.")
        lines = told([entry], reader=reader(request))
        context = {"title": lines[0].sentence, "lines": lines, "is_one": True}
        return self._page(request, context)

    def _page(self, request: HttpRequest, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        whole = {**self.admin_site.each_context(request), **context}
        return render(request, "accounts/trail/page.html", whole, status=status)


def _subject(form: TrailForm, user: User) -> str:
    """The name of the one thing whose history is asked for; empty where it is not one thing."""
    asked = getattr(form, "cleaned_data", {})
    model: type[Record] | None = kinds().get(asked.get("about", ""))
    if model is None or not asked.get("object"):
        return ""
    try:
        row = model.objects.for_user(user).filter(pk=asked["object"]).first()
    except (ValueError, TypeError, OverflowError):
        row = None
    return str(row) if row else f"a {model._meta.verbose_name} that is gone, or not yours to see"
