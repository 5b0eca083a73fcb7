"""A password by a link that an administrator made. With the old one: `sign_in.pages`."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from unfold.widgets import UnfoldAdminPasswordWidget

from accounts.foundation.clock import now
from accounts.foundation.console import blame
from accounts.team import links


class NewPasswordForm(forms.Form):
    """A password, twice."""

    password = forms.CharField(
        strip=False, label="Password", widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"})
    )
    again = forms.CharField(
        strip=False, label="The same again", widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"})
    )

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        if "again" in values and values.get("password") != values["again"]:
            self.add_error("again", "This is not what you typed above.")
        return values


@never_cache
@sensitive_post_parameters()
def link_view(request: HttpRequest, name: str, token: str) -> HttpResponse:
    """Whoever has the link sets the password of whose link it is, and then signs in with it."""
    try:
        user = links.user_of(name, token)
    except links.LinkOver as over:
        return _page(request, {"over": over.messages[0]}, status=410)
    form = NewPasswordForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            links.use(name, token, password=form.cleaned_data["password"], at=now())
        except links.LinkOver as over:
            return _page(request, {"over": over.messages[0]}, status=410)
        except ValidationError as refused:
            blame(form, refused)
        else:
            messages.success(request, f"Your password is set. Sign in as {user.username}.")
            return HttpResponseRedirect(reverse("admin:login"))
    return _page(request, {"form": form, "one": user}, status=400 if form.errors else 200)


def _page(request: HttpRequest, context: dict[str, Any], *, status: int) -> HttpResponse:
    whole = {**admin.site.each_context(request), "title": "Choose a password", **context}
    return render(request, "accounts/team/password.html", whole, status=status)
