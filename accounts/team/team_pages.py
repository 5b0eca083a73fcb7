"""Teams in the console: formed, renamed, led, and who is on them."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from accounts.foundation.clock import now
from accounts.foundation.console import ConsoleAdmin, blame, reader
from accounts.team import services
from accounts.team.models import Team, User
from accounts.team.queries import colleagues


class TeamForm(forms.Form):
    """A team, who leads it and who is on it."""

    name = forms.CharField(max_length=120)
    manager: forms.ModelChoiceField = forms.ModelChoiceField(
        queryset=None, required=False, label="Leads it", empty_label="Nobody", help_text="Escalations go to them."
    )
    members: forms.ModelMultipleChoiceField = forms.ModelMultipleChoiceField(
        queryset=None,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Everybody is on one team at most: who is ticked here leaves the team they were on.",
    )

    def __init__(self, *args: Any, by: User, team: Team | None = None, **kwargs: Any) -> None:
        if team:
            here = team.members.filter(is_active=True)
            kwargs["initial"] = {"name": team.name, "manager": team.manager_id, "members": list(here)}
        super().__init__(*args, **kwargs)
        self.fields["manager"].queryset = colleagues(by, keeping=team.manager_id if team else None)  # type: ignore[attr-defined]
        self.fields["members"].queryset = colleagues(by).select_related("team")  # type: ignore[attr-defined]
        self.fields["members"].label_from_instance = _with_team  # type: ignore[attr-defined]


def _with_team(user: User) -> str:
    return f"{user} ({user.team})" if user.team else str(user)


class TeamPages(ConsoleAdmin):
    """The page of one team."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(reader(request).may_edit(Team.AREA))

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Forms a team."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        return self._edited(request, None)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One team, to read or to change."""
        team = self.get_object(request, object_id)
        if team is None or not self.has_view_permission(request):
            raise Http404("There is no such team, or it is not yours to see.")
        if request.method == "POST" and not self.has_add_permission(request):
            raise PermissionDenied
        return self._edited(request, team)

    def _edited(self, request: HttpRequest, team: Team | None) -> HttpResponse:
        form = TeamForm(request.POST if request.method == "POST" else None, by=reader(request), team=team)
        if form.is_valid():
            try:
                saved = _save(form, team, by=reader(request))
            except ValidationError as refused:
                blame(form, refused)
            else:
                messages.success(request, f"The team {saved} is saved.")
                return HttpResponseRedirect(reverse("admin:accounts_team_changelist"))
        context = {
            **self.admin_site.each_context(request),
            "title": team.name if team else "Form a team",
            "team": team,
            "form": form,
            "members": team.members.filter(is_active=True).select_related("role") if team else [],
            "may_edit": self.has_add_permission(request),
        }
        return render(request, "accounts/team/team.html", context, status=400 if form.errors else 200)


@transaction.atomic
def _save(form: TeamForm, team: Team | None, *, by: User) -> Team:
    values, at = form.cleaned_data, now()
    if team is None:
        team = services.form_team(name=values["name"], manager=values["manager"], by=by, at=at)
    else:
        team = services.rename_team(team, name=values["name"], by=by, at=at)
        team = services.lead_team(team, manager=values["manager"], by=by, at=at)
    services.set_members(team, members=values["members"], by=by, at=at)
    return team
