"""The page on which administrators say who signs in in two steps, see who does, and reset it for somebody."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth import update_session_auth_hash
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.foundation.clock import now
from accounts.foundation.console import reader
from accounts.foundation.scope import Area
from accounts.sign_in import factors, identities
from accounts.sign_in.models import FactorRule, Identity
from accounts.sign_in.rules import demand, rules
from accounts.team import people
from accounts.team.models import Role, User


class RuleForm(forms.Form):
    """Of whom two steps are demanded."""

    everybody = forms.BooleanField(required=False, label="Everybody")
    roles: forms.ModelMultipleChoiceField = forms.ModelMultipleChoiceField(
        queryset=Role.objects.all(), required=False, widget=forms.CheckboxSelectMultiple, label="People of these roles"
    )


def page(request: HttpRequest) -> HttpResponse:
    """Who signs in how."""
    user = _editor(request)
    held = FactorRule.objects.for_user(user)
    initial = {"everybody": held.filter(everybody=True).exists(), "roles": list(held.values_list("role", flat=True))}
    form = RuleForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        demand(**form.cleaned_data, by=user, at=now())
        messages.success(request, "Saved. It holds from each person's next page on.")
        return HttpResponseRedirect(reverse("sign_in"))
    left = Count("second_factor__recovery_codes", filter=Q(second_factor__recovery_codes__used_at=None))
    people = User.objects.for_user(user).filter(is_active=True, is_staff=True)
    linked = set(Identity.objects.filter(issuer=settings.OIDC_ISSUER).values_list("user", flat=True))
    rows = people.select_related("role", "second_factor").annotate(left=left)
    context = {
        "title": "Sign-in",
        "form": form,
        "people": [(one, rules().bind(one), one.pk in linked) for one in rows],
        "issuer": settings.OIDC_ISSUER,
        "provider": settings.OIDC_NAME,
        "creates": settings.OIDC_CREATE_ROLE,
    }
    whole = admin.site.each_context(request) | context
    return render(request, "accounts/sign_in/policy.html", whole, status=400 if form.errors else 200)


@require_POST
def reset(request: HttpRequest, pk: int) -> HttpResponse:
    """Turns two-step sign-in off for a colleague who has neither phone nor recovery codes any more.

    It ends their sessions: whoever has what they lost may be signed in there.
    """
    editor = _editor(request)
    user: Any = get_object_or_404(User.objects.for_user(editor), pk=pk)
    try:
        with transaction.atomic():
            factors.disable(user, by=editor, at=now())
            ended = people.end_sessions(user, by=editor, at=now())
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    else:
        if user.pk == editor.pk:
            update_session_auth_hash(request, ended)
        told = f"Two-step sign-in of {user} is off, and they are signed out everywhere. "
        messages.success(request, told + _next(user))
    return HttpResponseRedirect(reverse("sign_in"))


def _next(user: User) -> str:
    if rules().bind(user):
        return "They sign in with their password, and set it up anew before they get to any other page."
    return "From now on their password alone signs them in."


@require_POST
def unlink(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes away the link of a colleague with the provider, where they have become somebody else there."""
    editor = _editor(request)
    user: Any = get_object_or_404(User.objects.for_user(editor), pk=pk)
    try:
        identities.unlink(user, by=editor, at=now())
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    else:
        told = (
            f"{user} is no longer linked. Who next comes from {settings.OIDC_NAME} with their address is linked anew."
        )
        messages.success(request, told)
    return HttpResponseRedirect(reverse("sign_in"))


def _editor(request: HttpRequest) -> Any:
    """The reader, who may change people."""
    if not reader(request).may_edit(Area.PEOPLE):
        raise PermissionDenied
    return reader(request)
