"""API keys in the console: made with their text shown once, replaced by another one, ended."""

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse

from accounts.foundation.clock import now
from accounts.foundation.console import ConsoleAdmin, reader
from accounts.team import keys
from accounts.team.models import ApiKey
from accounts.workspace.models import Source

USUAL_OVERLAP = 7


class KeyForm(forms.Form):
    """A key as a person asks for it."""

    name = forms.CharField(max_length=120, help_text="What it is for, such as Warehouse or Billing sync.")
    scope = forms.ChoiceField(choices=ApiKey.Scope.choices)
    source = forms.ModelChoiceField(
        Source.objects.order_by("name"),
        required=False,
        empty_label="Any source",
        help_text="The system it speaks for. A key that sends signals needs one; another one then names no other.",
    )
    ends_after_days = forms.IntegerField(
        label="Ends after (days)", required=False, min_value=1, max_value=3650, help_text="Empty: it does not end."
    )


class OverlapForm(forms.Form):
    """How long a key goes on beside the one that takes its place."""

    days = forms.IntegerField(
        label="The old key goes on for (days)", min_value=0, max_value=keys.MAX_OVERLAP.days, initial=USUAL_OVERLAP
    )


class KeyPages(ConsoleAdmin):
    """The pages of one key."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = {"rotate": self.rotate_view, "revoke": self.revoke_view}
        return [
            path("add/", wrap(self.new_view), name="accounts_apikey_add"),
            *(path(f"<int:pk>/{name}/", wrap(view), name=f"accounts_apikey_{name}") for name, view in own.items()),
            *super().get_urls(),
        ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(reader(request).may_edit(ApiKey.AREA))

    def new_view(self, request: HttpRequest) -> HttpResponse:
        """Makes a key, whose text is shown this once."""
        if not self.has_add_permission(request):
            raise Http404
        form = KeyForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            days = form.cleaned_data.pop("ends_after_days")
            at = now()
            ends = at + dt.timedelta(days=days) if days else None
            try:
                key, text = keys.issue(by=reader(request), at=at, expires_at=ends, **form.cleaned_data)
            except (ValidationError, keys.RoleMissing) as refused:
                _show(form, refused)
            else:
                return self._shown(request, key, text=text)
        context = {**self.admin_site.each_context(request), "title": "Make an API key", "form": form}
        return render(request, "accounts/key/form.html", context, status=400 if form.errors else 200)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The key's page: what it may, whether it is good, when it was used."""
        return self._shown(request, self._key(request, object_id))

    def rotate_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Another key in its place, whose text is shown this once."""
        key, form = self._editable(request, pk), OverlapForm(request.POST)
        if form.is_valid():
            try:
                overlap = dt.timedelta(days=form.cleaned_data["days"])
                new, text = keys.rotate(key, overlap=overlap, by=reader(request), at=now())
            except ValidationError as refused:
                form.add_error("days", refused.messages)
            else:
                return self._shown(request, new, text=text)
        return self._shown(request, key, form=form)

    def revoke_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ends it at once."""
        key = self._editable(request, pk)
        keys.revoke(key, by=reader(request), at=now())
        messages.success(request, f"{key.name} is revoked; requests with it are refused from now on.")
        return HttpResponseRedirect(reverse("admin:accounts_apikey_change", args=[pk]))

    def _shown(
        self, request: HttpRequest, key: ApiKey, *, text: str = "", form: OverlapForm | None = None
    ) -> HttpResponse:
        at = now()
        refusal = keys.refusal_of(key, at=at)
        context = {
            **self.admin_site.each_context(request),
            "title": key.name,
            "key": key,
            "at": at,
            "text": text,
            "before": key.replaces.first(),
            "state": refusal.words if refusal else "",
            "may_edit": self.has_add_permission(request) and refusal is None,
            "form": form or OverlapForm(),
        }
        return render(request, "accounts/key/page.html", context, status=400 if form else 200)

    def _key(self, request: HttpRequest, object_id: Any) -> ApiKey:
        key = self.get_object(request, str(object_id))
        if key is None or not self.has_view_permission(request):
            raise Http404("There is no such key, or it is not yours to see.")
        return key

    def _editable(self, request: HttpRequest, pk: int) -> ApiKey:
        if request.method != "POST" or not self.has_add_permission(request):
            raise Http404
        return self._key(request, pk)


def _show(form: forms.Form, error: Exception) -> None:
    """Puts the refusal beside the field it speaks of."""
    by_field: Any = getattr(error, "error_dict", None) and error.message_dict  # type: ignore[attr-defined]
    found = by_field or {"": getattr(error, "messages", [str(error)])}
    renamed = {"expires_at": "ends_after_days"}
    for name, texts in found.items():
        field = renamed.get(name, name)
        form.add_error(field if field in form.fields else None, texts)
