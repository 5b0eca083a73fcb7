"""The pages before one is signed in: user name and password, then the code; and the change of a password."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.views import LoginView, PasswordChangeView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse, reverse_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from unfold.forms import AdminOwnPasswordChangeForm, AuthenticationForm

from accounts.foundation.clock import now
from accounts.foundation.console import blame, reader
from accounts.sign_in import entering, factors
from accounts.team import people
from accounts.team.models import User
from accounts.throttling import signing_in
from accounts.throttling.addresses import address_of

NOT_RIGHT = (
    "This user name and password do not belong together. Mind upper and lower case. "
    "Forgot the password? Ask an administrator for a link that sets a new one."
)


class SignInForm(AuthenticationForm):
    """The theme's form; it says what to do, and the same whoever was named."""

    error_messages = {**AuthenticationForm.error_messages, "invalid_login": NOT_RIGHT}


class SignIn(LoginView):
    """User name and password; whoever signs in in two steps goes on to the code."""

    template_name = "accounts/sign_in/login.html"
    is_shown_to_all = False
    """Also to somebody who is signed in, instead of leading them home."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.method == "GET" and not self.is_shown_to_all and admin.site.has_permission(request):
            return HttpResponseRedirect(reverse("admin:index"))
        return super().dispatch(request, *args, **kwargs)

    def get_form_class(self) -> Any:
        return SignInForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        own = {
            "title": "Log in",
            "app_path": self.request.get_full_path(),
            "username": self.request.user.get_username(),
            "provider": settings.OIDC_NAME if settings.OIDC_ISSUER else "",
            "wanted": entering.wanted(self.request),
        }
        return super().get_context_data(**kwargs) | admin.site.each_context(self.request) | own

    def form_valid(self, form: Any) -> HttpResponse:
        to = entering.begin(self.request, form.get_user(), to=entering.wanted(self.request))
        return HttpResponseRedirect(to)


class CodeForm(forms.Form):
    """A code of the app, or a recovery code."""

    code = forms.CharField(
        max_length=40,
        label="Code",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false"}),
    )


@never_cache
@sensitive_post_parameters("code")
def code(request: HttpRequest) -> HttpResponse:
    """The second step: whoever knew the password shows a code."""
    found = entering.pending(request)
    if found is None:
        messages.info(request, "Sign in with your password first; the code is asked for within ten minutes after it.")
        return HttpResponseRedirect(reverse("admin:login"))
    user, to = found
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            shown = factors.prove(user, form.cleaned_data["code"], at=now())
        except ValidationError as refused:
            blame(form, refused)
        else:
            entering.enter(request, user, shown=f"password and {shown}", to=to)
            _warn_of_few(request, user, shown)
            return HttpResponseRedirect(to)
    context = {**admin.site.each_context(request), "title": "Second step", "form": form}
    return render(request, "accounts/sign_in/code.html", context, status=400 if form.errors else 200)


def _warn_of_few(request: HttpRequest, user: Any, shown: str) -> None:
    if shown == "recovery code":
        left = factors.codes_left(user)
        codes = "1 recovery code is" if left == 1 else f"{left} recovery codes are"
        messages.warning(request, f"{codes} left. Make new ones on your security page.")


class OwnPasswordForm(AdminOwnPasswordChangeForm):
    """The theme's form; what it saves stands in the audit trail."""

    def save(self, commit: bool = True) -> Any:
        password = self.cleaned_data["new_password1"]
        self.user: User = people.set_password(self.user, password=password, by=self.user, at=now())
        return self.user


class ChangePassword(PasswordChangeView):
    """A new password of one's own; it ends all other sessions of theirs."""

    template_name = "registration/password_change_form.html"
    success_url = reverse_lazy("security")

    def get_form_class(self) -> Any:
        return OwnPasswordForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        own = {"title": "Change your password", "original": reader(self.request)}
        return super().get_context_data(**kwargs) | admin.site.each_context(self.request) | own

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Tries with the old password count as tries to sign in."""
        self.who = signing_in.tried(request.user.get_username(), address_of(request))
        return super().post(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        signing_in.succeeded(self.who)
        response = super().form_valid(form)
        messages.success(self.request, "Your password is changed. Your other sessions have ended.")
        return response
