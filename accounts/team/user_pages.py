"""Our own people in the console: invite somebody, change them, give them a way in, let them go and take them back."""

import zoneinfo
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from accounts.foundation.clock import now
from accounts.foundation.console import ConsoleAdmin, blame, reader
from accounts.team import leaving, links, people, powers
from accounts.team.leaving import LeavingPlan, belongings
from accounts.team.models import Role, Team, User
from accounts.team.queries import colleagues

NOBODY = "nobody"


class UserForm(forms.Form):
    """Somebody of us, as an administrator knows them."""

    first_name = forms.CharField(max_length=150)
    last_name = forms.CharField(max_length=150, required=False)
    email = forms.EmailField(max_length=254, label="E-mail address")
    role: forms.ModelChoiceField = forms.ModelChoiceField(
        queryset=None, empty_label="Choose a role", help_text="Decides what they see and what of it they may change."
    )
    team: forms.ModelChoiceField = forms.ModelChoiceField(
        queryset=None, required=False, empty_label="No team", help_text="Whose book they share."
    )
    function = forms.CharField(
        max_length=120, required=False, help_text="What they do here, such as Onboarding, EMEA. It gives no rights."
    )
    time_zone = forms.ChoiceField(required=False, help_text="In which times are shown to them.")

    def __init__(self, *args: Any, by: User, user: User | None = None, **kwargs: Any) -> None:
        if user:
            kwargs["initial"] = {name: getattr(user, name) for name in people.CHANGEABLE}
        super().__init__(*args, **kwargs)
        roles = [role.pk for role in Role.objects.prefetch_related("grants") if powers.covers(by, role)]
        keeping = [user.role_id] if user else []
        self.fields["role"].queryset = Role.objects.filter(pk__in=[*roles, *keeping])  # type: ignore[attr-defined]
        self.fields["team"].queryset = Team.objects.for_user(by)  # type: ignore[attr-defined]
        zones = sorted(name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith("Etc/"))
        self.fields["time_zone"].choices = [  # type: ignore[attr-defined]
            ("", "As the workspace has it"),
            *((name, name.replace("_", " ")) for name in zones),
        ]
        if user and user.pk == by.pk:
            self.fields["role"].disabled = True
            self.fields["role"].help_text = "Nobody changes their own role. Ask another administrator."


class InviteForm(UserForm):
    """Somebody who is not here yet."""

    username = forms.CharField(
        max_length=150,
        required=False,
        label="User name",
        help_text="What they sign in with. Empty: what stands before the @ of their address. It cannot be changed.",
    )
    field_order = ("first_name", "last_name", "email", "username")


class LeaveForm(forms.Form):
    """Who takes over what somebody leaves behind."""

    def __init__(self, *args: Any, plan: LeavingPlan, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = [one for one in colleagues(by).select_related("role", "team") if one.pk != plan.user.pk]
        self.people = {str(one.pk): one for one in others}
        for name, count in plan.counts.items():
            self._ask(name, count)
        if plan.known_keys:
            named = ", ".join(key.name for key in plan.known_keys)
            self.fields["and_keys"] = forms.BooleanField(
                required=False,
                label="End these keys too",
                help_text=f"They were shown the text of: {named}. What uses such a key stops; replace it there first.",
            )

    def _ask(self, name: str, count: int) -> None:
        one = belongings[name]
        able = [(pk, str(user)) for pk, user in self.people.items() if user.may_edit(one.area)]
        nobody = [(NOBODY, one.nobody)] if one.nobody else []
        self.fields[name] = forms.ChoiceField(
            choices=[("", "Choose who takes over"), *able, *nobody],
            label=f"{one.label.capitalize()} ({count})",
            error_messages={"required": "Choose who takes over, or say that nobody does."},
        )

    def heirs(self) -> leaving.Heirs:
        """Who takes over what, as the service takes it."""
        asked = {name: self.cleaned_data[name] for name in self.fields if name in belongings}
        return {name: self.people.get(pk) for name, pk in asked.items()}


class UserPages(ConsoleAdmin):
    """The pages of one user."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = {"link": self.link_view, "leave": self.leave_view, "return": self.return_view}
        pages = (path(f"<int:pk>/{name}/", wrap(view), name=f"accounts_user_{name}") for name, view in own.items())
        return [*pages, *super().get_urls()]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(reader(request).may_edit(User.AREA))

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Invites somebody; the next page has their link."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = InviteForm(request.POST or None, by=reader(request), initial={"time_zone": ""})
        if request.method == "POST" and form.is_valid():
            try:
                user = people.invite(by=reader(request), at=now(), **form.cleaned_data)
            except ValidationError as refused:
                blame(form, refused)
            else:
                return self._linked(request, user)
        context = {"title": "Invite a user", "form": form}
        return self._page(request, "invite", context, status=400 if form.errors else 200)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One user, to read or to change."""
        user = self._user(request, object_id)
        if request.method == "POST" and not self._may_change(request, user):
            raise PermissionDenied
        form = UserForm(request.POST if request.method == "POST" else None, by=reader(request), user=user)
        if form.is_valid():
            try:
                people.change_user(user, by=reader(request), at=now(), **form.cleaned_data)
            except ValidationError as refused:
                blame(form, refused)
            else:
                messages.success(request, f"{user} is saved. It holds from their next page on.")
                return _to(user)
        return self._shown(request, user, form=form)

    def link_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A link with which they set a new password: sent to them, or shown this once."""
        if request.method != "POST" or not self.has_add_permission(request):
            raise Http404
        return self._linked(request, self._user(request, pk))

    def _linked(self, request: HttpRequest, user: User) -> HttpResponse:
        at = now()
        try:
            link = links.make(user, by=reader(request), at=at)
        except ValidationError as refused:
            messages.error(request, " ".join(refused.messages))
            return _to(user)
        if links.mailed(user, link, by=reader(request), at=at):
            messages.success(request, f"The link is on its way to {user.email}. It works once, for three days.")
            return _to(user)
        return self._shown(request, self._user(request, user.pk), link=link)

    def leave_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What deactivating somebody does, and who takes over; posted, does it."""
        user = self._user(request, pk)
        if not self._may_change(request, user):
            raise PermissionDenied
        if not user.is_active or user.pk == reader(request).pk:
            return _to(user)
        plan = leaving.plan_leaving(user, at=now())
        form = LeaveForm(request.POST if request.method == "POST" else None, plan=plan, by=reader(request))
        if form.is_valid():
            try:
                and_keys = form.cleaned_data.get("and_keys", False)
                leaving.deactivate(user, heirs=form.heirs(), by=reader(request), at=now(), and_keys=and_keys)
            except ValidationError as refused:
                blame(form, refused)
            else:
                messages.success(request, f"{user} is deactivated: signed out everywhere, and everything handed over.")
                return _to(user)
        context = {"title": f"Deactivate {user}", "one": user, "plan": plan, "form": form}
        return self._page(request, "leave", context, status=400 if form.errors else 200)

    def return_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Takes them back; the page then has the link for a new password."""
        user = self._user(request, pk)
        if request.method != "POST" or not self.has_add_permission(request):
            raise Http404
        try:
            user = leaving.reactivate(user, by=reader(request), at=now())
        except ValidationError as refused:
            messages.error(request, " ".join(refused.messages))
            return _to(user)
        return self._linked(request, user)

    def _may_change(self, request: HttpRequest, user: User) -> bool:
        may_edit = self.has_add_permission(request) and user.is_staff
        return may_edit and powers.covers(reader(request), user.role)

    def _user(self, request: HttpRequest, object_id: Any) -> User:
        user: User | None = self.get_object(request, str(object_id))
        if user is None or not self.has_view_permission(request):
            raise Http404("There is no such user, or they are not yours to see.")
        return user

    def _shown(self, request: HttpRequest, user: User, *, form: UserForm | None = None, link: str = "") -> HttpResponse:
        context = {
            "title": str(user),
            "one": user,
            "form": form or UserForm(by=reader(request), user=user),
            "link": link,
            "until": timezone.localtime(now() + links.LASTS),
            "state": state_of(user),
            "may_change": self._may_change(request, user),
            "is_self": user.pk == reader(request).pk,
        }
        return self._page(request, "user", context, status=400 if form and form.errors else 200)

    def _page(self, request: HttpRequest, name: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        whole = {**self.admin_site.each_context(request), **context}
        return render(request, f"accounts/team/{name}.html", whole, status=status)


def state_of(user: User) -> str:
    """How somebody stands: here, invited, deactivated; or no person at all."""
    if not user.is_active:
        return "Deactivated"
    if not user.is_staff:
        return "Machine"
    return "Active" if user.last_login or user.has_usable_password() else "Invited"


def _to(user: User) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:accounts_user_change", args=[user.pk]))
