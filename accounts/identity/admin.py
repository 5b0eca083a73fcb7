"""Linking an account to what other systems call it, in the console."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse

from accounts.foundation.clock import now
from accounts.foundation.console import ConsoleAdmin, reader
from accounts.identity import services
from accounts.identity.models import ExternalId
from accounts.portfolio.models import Account
from accounts.portfolio.queries import listed
from accounts.workspace.models import Source


class LinkForm(forms.Form):
    """What one source calls the account."""

    source: forms.ModelChoiceField = forms.ModelChoiceField(queryset=Source.objects.all(), to_field_name="key")
    value = forms.CharField(label="Id there", max_length=200)


@admin.register(ExternalId)
class ExternalIdAdmin(ConsoleAdmin):
    """Ids of accounts in other systems, to look one up."""

    nothing_yet = (
        "No account is known to another system yet. Ids come with accounts over the API, or are added on the "
        "page of one."
    )
    list_display = ("value", "source", "account")
    list_filter = ("source",)
    list_select_related = ("source", "account")
    search_fields = ("value", "account__name")
    fields = ("value", "source", "account")

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("link/<int:pk>/", wrap(self.link_view), name="accounts_externalid_link"),
            path("<int:pk>/unlink/", wrap(self.unlink_view), name="accounts_externalid_unlink"),
            *super().get_urls(),
        ]

    def link_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Adds an id to an account. One that another account has is refused, with the way there."""
        rows: Any = listed()
        account = rows.for_user(reader(request)).filter(pk=pk).first()
        if account is None or not reader(request).may_edit(ExternalId.AREA):
            raise Http404("There is no such account, or it is not yours to change.")
        form = LinkForm(request.POST or None)
        holder = None
        if request.method == "POST" and form.is_valid():
            try:
                services.link(account, by=reader(request), at=now(), **form.cleaned_data)
            except ValidationError as error:
                holder = self._holder(request, **form.cleaned_data)
                form.add_error("value", error.messages)
            else:
                name = form.cleaned_data
                messages.success(request, f"{account.name} is known to {name['source']} as {name['value'].strip()}.")
                return _to(account.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": f"{account.name}: add an id",
            "account": account,
            "form": form,
            "holder": holder,
        }
        return render(request, "accounts/account/link.html", context, status=400 if form.errors else 200)

    def _holder(self, request: HttpRequest, source: Source, value: str) -> Account | None:
        """The account that has the id already, where the user may see it."""
        rows: Any = ExternalId.objects.for_user(reader(request))
        found = rows.filter(source=source, value=value.strip()).select_related("account").first()
        return found.account if found else None

    def unlink_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Takes an id from its account; what was counted under it stays."""
        name = self.get_object(request, str(pk))
        if name is None or request.method != "POST" or not reader(request).may_edit(ExternalId.AREA):
            raise Http404("There is no such id, or it is not yours to change.")
        account, said = name.account, str(name)
        services.unlink(name, by=reader(request), at=now())
        messages.success(request, f"{said} no longer names {account.name}. Signals under it now wait in quarantine.")
        return _to(account.pk)


def _to(account_id: int) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:accounts_account_change", args=[account_id]))
