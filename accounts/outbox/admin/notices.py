"""The page on which somebody chooses how they hear of what, or, for a role, how its people do who chose nothing."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse

from accounts.foundation.clock import now
from accounts.foundation.console import blame, reader
from accounts.foundation.scope import Area
from accounts.outbox import choices
from accounts.outbox.models import Way
from accounts.team.models import Role


class NoticesForm(forms.Form):
    """A way for each kind of notice; for oneself also the hour of the digest."""

    def __init__(self, *args: Any, hour: int | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, purpose in choices.notices().items():
            self.fields[name] = forms.ChoiceField(choices=Way.choices, label=purpose.label)
        if hour is not None:
            hours = [(number, f"{number:02}:00") for number in range(24)]
            self.fields["digest_hour"] = forms.TypedChoiceField(
                choices=hours,
                coerce=int,
                initial=hour,
                label="The daily digest comes at",
                help_text="On your working days, where you live. On a day with nothing to tell there is none.",
            )

    def ways(self) -> dict[str, str]:
        """What was chosen, without the hour."""
        return {name: value for name, value in self.cleaned_data.items() if name != "digest_hour"}


def page(request: HttpRequest) -> HttpResponse:
    """The reader's own choices."""
    user = reader(request)
    initial = choices.ways_of([user])[user.pk]
    form = NoticesForm(request.POST or None, initial=initial, hour=choices.digest_hour(user))
    if request.method == "POST" and form.is_valid():
        try:
            choices.choose(user, changed(form, initial), by=reader(request), at=now())
            choices.set_digest_hour(user, hour=form.cleaned_data["digest_hour"], by=reader(request), at=now())
        except ValidationError as refused:
            blame(form, refused)
        else:
            messages.success(request, "Saved. From now on you hear of things this way.")
            return HttpResponseRedirect(reverse("notices"))
    roles = Role.objects.order_by("name") if user.may_edit(Area.PEOPLE) else []
    context = {"title": "Notices", "form": form, "has_email": bool(user.email), "roles": roles, "role": None}
    return _shown(request, context, form)


def of_role(request: HttpRequest, pk: int) -> HttpResponse:
    """What holds for people of a role who chose nothing; for those who look after people."""
    user = reader(request)
    if not user.may_edit(Area.PEOPLE):
        raise PermissionDenied
    role = Role.objects.for_user(user).filter(pk=pk).first()
    if role is None:
        raise Http404("There is no such role.")
    initial = choices.of_role(role)
    form = NoticesForm(request.POST or None, initial=initial, hour=None)
    if request.method == "POST" and form.is_valid():
        choices.choose(role, changed(form, initial), by=reader(request), at=now())
        messages.success(request, f"Saved for people with the role {role} who chose nothing themselves.")
        return HttpResponseRedirect(reverse("notices_of_role", args=[pk]))
    context = {"title": f"Notices of {role}", "form": form, "has_email": True, "roles": [], "role": role}
    return _shown(request, context, form)


def changed(form: NoticesForm, before: dict[str, Way]) -> dict[str, str]:
    """What is otherwise than before: whoever leaves a line alone goes on with what their role says."""
    return {name: way for name, way in form.ways().items() if way != before[name]}


def _shown(request: HttpRequest, context: dict[str, Any], form: forms.Form) -> HttpResponse:
    whole = admin.site.each_context(request) | context
    return render(request, "accounts/outbox/notices.html", whole, status=400 if form.errors else 200)


urlpatterns = [
    path("", admin.site.admin_view(page), name="notices"),
    path("role/<int:pk>/", admin.site.admin_view(of_role), name="notices_of_role"),
]
