"""The page *Away*: who is away, who stands in, and the form that sets it."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse

from accounts.foundation.clock import now
from accounts.foundation.console import ConsoleAdmin, reader
from accounts.foundation.dates import DayField
from accounts.team import absences
from accounts.team.models import Absence, User
from accounts.team.queries import colleagues

PLACES = {"starts_at": "first", "ends_at": "last"}
"""Field of the service → field of the form that tells of it."""


class AwayForm(forms.Form):
    """Who is away on which days, and who stands in."""

    user: forms.ModelChoiceField = forms.ModelChoiceField(queryset=None, label="Who is away", empty_label=None)
    first = DayField(label="First day away")
    last = DayField(label="Last day away")
    stand_in: forms.ModelChoiceField = forms.ModelChoiceField(
        queryset=None, label="Stands in", empty_label="Choose a colleague"
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = absences.arranged_by(user)  # type: ignore[attr-defined]
        self.fields["user"].initial = user.pk
        self.fields["stand_in"].queryset = colleagues(user)  # type: ignore[attr-defined]


class StandInForm(forms.Form):
    """Who stands in from now on."""

    stand_in: forms.ModelChoiceField = forms.ModelChoiceField(
        queryset=None, label="Stands in from now on", empty_label="Choose a colleague"
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stand_in"].queryset = colleagues(user)  # type: ignore[attr-defined]


@admin.register(Absence)
class AbsenceAdmin(ConsoleAdmin):
    """Who is away and who stands in; everybody sets their own, whoever leads a team sets its people's."""

    search_fields = ("user__username",)

    def get_urls(self) -> list[URLPattern]:
        end = self.admin_site.admin_view(self.end_view)
        return [path("<int:pk>/end/", end, name="accounts_absence_end"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Who is away now and next; a posted form adds an absence."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        user = reader(request)
        form = AwayForm(request.POST if request.method == "POST" else None, user=user)
        if form.is_valid() and self._announced(request, form):
            return _to_list()
        at = now()
        rows = self.get_queryset(request).filter(ends_at__gt=at).select_related("user__team", "stand_in")
        mine = set(absences.arranged_by(user).values_list("pk", flat=True))
        context = {
            "title": "Away",
            "form": form,
            "for_others": len(mine) > 1,
            "may_set": bool(mine),
            "rows": [(row, row.starts_at <= at, row.user_id in mine) for row in rows],
        }
        return self._page(request, "away", context, status=400 if form.errors else 200)

    def _announced(self, request: HttpRequest, form: AwayForm) -> bool:
        values = form.cleaned_data
        user, stand_in = values["user"], values["stand_in"]
        starts_at, ends_at = absences.span(user, first=values["first"], last=values["last"])
        try:
            absences.announce(
                user, stand_in=stand_in, starts_at=starts_at, ends_at=ends_at, by=reader(request), at=now()
            )
        except ValidationError as refused:
            _show(form, refused)
            return False
        messages.success(request, f"{stand_in} stands in for {user} from {values['first']:%d %b} on.")
        return True

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Names somebody else who stands in for the rest of it."""
        absence = self._arranged(request, object_id)
        form = StandInForm(request.POST if request.method == "POST" else None, user=reader(request))
        if form.is_valid():
            try:
                absences.replace(absence, stand_in=form.cleaned_data["stand_in"], by=reader(request), at=now())
            except ValidationError as refused:
                _show(form, refused)
            else:
                messages.success(request, f"{form.cleaned_data['stand_in']} stands in for {absence.user} from now on.")
                return _to_list()
        context = {"title": f"{absence.user} is away", "form": form, "absence": absence}
        return self._page(request, "stand_in", context, status=400 if form.errors else 200)

    def end_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """They are back, or do not go."""
        if request.method != "POST":
            return _to_list()
        absence = self._arranged(request, pk)
        try:
            absences.end(absence, by=reader(request), at=now())
        except ValidationError as refused:
            messages.error(request, " ".join(refused.messages))
        else:
            messages.success(request, f"{absence.user} is not away any more.")
        return _to_list()

    def _arranged(self, request: HttpRequest, object_id: Any) -> Absence:
        """An absence that the reader may change; 404 where there is none."""
        absence = self.get_object(request, str(object_id))
        if absence is None or not absences.arranged_by(reader(request)).filter(pk=absence.user_id).exists():
            raise Http404("There is no such absence, or it is not yours to change.")
        return absence

    def _page(self, request: HttpRequest, name: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        whole = {**self.admin_site.each_context(request), **context}
        return render(request, f"accounts/team/{name}.html", whole, status=status)


def _to_list() -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:accounts_absence_changelist"))


def _show(form: forms.Form, error: ValidationError) -> None:
    """Puts a service's refusal beside the field it speaks of."""
    for name, texts in error.message_dict.items() if hasattr(error, "error_dict") else [("", error.messages)]:
        place = PLACES.get(name, name)
        form.add_error(place if place in form.fields else None, texts)
