"""Roles in the console: all of them at a glance, and each as one table of areas that is read and edited in place."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.apps import apps
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from accounts.foundation.clock import now
from accounts.foundation.console import ConsoleAdmin, reader
from accounts.foundation.keys import key_from
from accounts.foundation.records import Record
from accounts.foundation.scope import Access, Area, Reach
from accounts.team import services
from accounts.team.models import Grant, Role

HOLDS = {
    Area.ACCOUNTS: "Accounts, people at them, contracts, deals, tickets, touches, messages",
    Area.WORK: "Work items: seen, done, handed over",
    Area.RUNS: "Runs of plays with their decisions; starting one by hand",
    Area.DEFINITIONS: "Stages, plays, rules, products, the tracking plan, facts of your own",
    Area.SIGNALS: "Sources and their keys, the inbox, the quarantine",
    Area.PEOPLE: "Who works here: users, teams, roles, absences",
    Area.SETTINGS: "API keys, webhooks, the outbound mode, health",
    Area.AUDIT: "Who changed what, from what to what",
}
"""What each area is about, as the page says it."""
NOTHING = ""
REACHES = [(NOTHING, "Nothing"), (Reach.OWN, "Their own"), (Reach.TEAM, "Their team's"), (Reach.ALL, "All")]


def has_owners(area: str) -> bool:
    """Whether rows of `area` can be somebody's own; where not, a role sees all of them or none."""
    models = [model for model in apps.get_models() if issubclass(model, Record) and area == model.AREA]
    return any(model.ACCOUNT_PATH is not None or model.ASSIGNED_PATH for model in models)


class RoleForm(forms.Form):
    """A role with its line of each area: how far they see, and whether they may change what they see."""

    name = forms.CharField(max_length=120)
    description = forms.CharField(max_length=250, required=False, label="What they do")
    home = forms.ChoiceField(choices=Role.Home.choices, label="Home page")

    def __init__(self, *args: Any, role: Role | None = None, **kwargs: Any) -> None:
        grants = {grant.area: grant for grant in role.grants.all()} if role else {}
        if role:
            kwargs["initial"] = {"name": role.name, "description": role.description, "home": role.home}
        super().__init__(*args, **kwargs)
        for area in Area.values:
            grant = grants.get(area)
            shown = [one for one in REACHES if one[0] in ("", Reach.ALL) or has_owners(area) or _is(grant, one[0])]
            self.fields[f"reach_{area}"] = forms.ChoiceField(
                choices=shown, required=False, widget=forms.RadioSelect, initial=grant.reach if grant else NOTHING
            )
            self.fields[f"edit_{area}"] = forms.BooleanField(
                required=False, initial=bool(grant and grant.access == Access.EDIT)
            )

    def lines(self) -> Iterator[dict[str, Any]]:
        """The table: each area with what it holds, a radio or None for each reach, the tick, and what is wrong."""
        for area, label in Area.choices:
            reach, edit = self[f"reach_{area}"], self[f"edit_{area}"]
            radios = {str(radio.data["value"]): radio for radio in reach}
            yield {
                "label": label,
                "holds": HOLDS[Area(area)],
                "radios": [(words, radios.get(str(value))) for value, words in REACHES],
                "edit": edit,
                "errors": [*reach.errors, *edit.errors],
            }

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        for area in Area.values:
            if values.get(f"edit_{area}") and not values.get(f"reach_{area}"):
                self.add_error(f"edit_{area}", "Choose how far they see, or take the tick away.")
        return values

    def grants(self) -> dict[str, tuple[str, str]]:
        """Area → (reach, access), as the service takes it."""
        values = self.cleaned_data
        seen = {area: values[f"reach_{area}"] for area in Area.values if values[f"reach_{area}"]}
        return {area: (reach, Access.EDIT if values[f"edit_{area}"] else Access.VIEW) for area, reach in seen.items()}


def _is(grant: Grant | None, reach: str) -> bool:
    return bool(grant and grant.reach == reach)


@admin.register(Role)
class RoleAdmin(ConsoleAdmin):
    """Roles and what they may: one table for all, one page for each."""

    search_fields = ("name",)

    def _may_edit(self, request: HttpRequest) -> bool:
        return bool(reader(request).may_edit(Role.AREA))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._may_edit(request)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Every role with how far it reaches into every area."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        people = Count("users", filter=Q(users__is_active=True, users__is_staff=True))
        roles = self.get_queryset(request).prefetch_related("grants").annotate(people=people)
        rows = [(role, [_cell(role, area) for area in Area.values]) for role in roles]
        context = {"title": "Roles", "areas": Area.choices, "rows": rows, "may_edit": self._may_edit(request)}
        return self._page(request, "roles", context)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A role that the playbook does not have yet."""
        if not self._may_edit(request):
            raise PermissionDenied
        return self._edited(request, None)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One role, to read or to edit."""
        role = self.get_object(request, object_id)
        if role is None or not self.has_view_permission(request):
            raise Http404("There is no such role.")
        if request.method == "POST" and not self._may_edit(request):
            raise PermissionDenied
        return self._edited(request, role)

    def _edited(self, request: HttpRequest, role: Role | None) -> HttpResponse:
        form = RoleForm(request.POST if request.method == "POST" else None, role=role)
        if form.is_valid():
            try:
                saved = _save(form, role, by=reader(request))
            except ValidationError as refused:
                _show(form, refused)
            else:
                messages.success(request, f"{saved} is saved. It holds from each person's next page on.")
                return HttpResponseRedirect(reverse("admin:accounts_role_changelist"))
        people = role.users.filter(is_active=True, is_staff=True) if role else []
        context = {
            "title": role.name if role else "Add a role",
            "role": role,
            "form": form,
            "reaches": [words for _, words in REACHES],
            "people": people,
            "may_edit": self._may_edit(request),
        }
        return self._page(request, "role", context, status=400 if form.errors else 200)

    def _page(self, request: HttpRequest, name: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        whole = {**self.admin_site.each_context(request), **context}
        return render(request, f"accounts/team/{name}.html", whole, status=status)


def _save(form: RoleForm, role: Role | None, *, by: Any) -> Role:
    values = {name: form.cleaned_data[name] for name in ("name", "description", "home")}
    if role is None:
        key = key_from(values["name"], fallback="role")
        if Role.objects.filter(key=key).exists():
            raise ValidationError({"name": "There is a role of this name. Choose another one, or edit that role."})
    else:
        key = role.key
    return services.define_role(key=key, grants=form.grants(), by=by, at=now(), **values)


def _cell(role: Role, area: str) -> dict[str, Any]:
    grant = next((one for one in role.grants.all() if one.area == area), None)
    if grant is None:
        return {"words": "nothing"}
    return {"words": grant.get_reach_display().lower(), "edits": grant.access == Access.EDIT}


def _show(form: RoleForm, error: ValidationError) -> None:
    """Puts a service's refusal beside the field, or the line of the area, that it speaks of."""
    for name, texts in error.message_dict.items() if hasattr(error, "error_dict") else [("", error.messages)]:
        place = f"reach_{name}" if name in Area.values else name
        form.add_error(place if place in form.fields else None, texts)
