from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from accounts.foundation.clock import now
from accounts.foundation.console import ConsoleAdmin, reader
from retention.evaluation.reading import in_words
from retention.fit.models import IdealProfile
from retention.fit.queries import spread
from retention.fit.services import Criterion, IdealDraft, define


class FitForm(forms.Form):
    """The numbers of the ideal profile: where the bands begin, and how much each criterion counts."""

    fit_from = forms.IntegerField(min_value=0, max_value=100, label="Fit from")
    review_from = forms.IntegerField(min_value=0, max_value=100, label="To review from", help_text="Below: bad fit.")

    def __init__(self, *args: Any, profile: IdealProfile, **kwargs: Any) -> None:
        kwargs["initial"] = {"fit_from": profile.fit_from, "review_from": profile.review_from}
        super().__init__(*args, **kwargs)
        self.criteria = list(profile.criteria.all())
        for one in self.criteria:
            self.fields[f"weight_{one.key}"] = forms.IntegerField(
                min_value=0, max_value=100, label=one.label, help_text=in_words(one.matches), initial=one.weight
            )

    def draft(self) -> IdealDraft:
        """What the form says, as the service wants it."""
        values = self.cleaned_data
        criteria = [Criterion(one.key, one.label, values[f"weight_{one.key}"], one.matches) for one in self.criteria]
        return IdealDraft(criteria, values["fit_from"], values["review_from"])


@admin.register(IdealProfile)
class IdealProfileAdmin(ConsoleAdmin):
    """Whom the product is for: the criteria with their weights, and how the book spreads over the bands."""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The one page: what counts how much, and what that means for the book."""
        user = reader(request)
        if user.reach(IdealProfile.AREA) is None:
            raise PermissionDenied
        profile = IdealProfile.objects.prefetch_related("criteria").first()
        form = FitForm(request.POST or None, profile=profile) if profile and user.may_edit(IdealProfile.AREA) else None
        if request.method == "POST" and form and form.is_valid():
            try:
                define(form.draft(), by=user, at=now())
            except ValidationError as error:
                form.add_error(None, [text for texts in error.message_dict.values() for text in texts])
            else:
                messages.success(request, "The ideal customer is published. Every account is scored anew.")
                return HttpResponseRedirect(reverse("admin:retention_idealprofile_changelist"))
        counts = spread(user)
        context = {
            **self.admin_site.each_context(request),
            "title": "Ideal customer",
            "profile": profile,
            "criteria": [(one, in_words(one.matches)) for one in profile.criteria.all()] if profile else [],
            "form": form,
            "spread": counts,
            "total": sum(count for _, count in counts),
        }
        return render(request, "retention/fit/page.html", context, status=400 if form and form.errors else 200)

    def change_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """There is one only: its page is the list's."""
        return self.changelist_view(request)
