from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from unfold.decorators import display

from accounts.deals import pages, services
from accounts.deals.forms import AcceptForm, DeclineForm
from accounts.deals.models import Deal
from accounts.foundation import money
from accounts.foundation.clock import now
from accounts.foundation.console import ConsoleAdmin, blame, reader

STATES = {
    Deal.State.OPEN.label: "info",
    Deal.State.COMMITTED.label: "warning",
    Deal.State.WON.label: "success",
    Deal.State.LOST.label: "danger",
}


@admin.register(Deal)
class DealAdmin(ConsoleAdmin):
    """Deals of all customers, and the page on which the contract of a won deal is decided."""

    nothing_yet = "No deal is known yet. Your CRM tells of them over the API; enter one on the page of an account."
    list_display = ("name", "account", "type", "shown_amount", "shown_state", "expected_close_on", "owner", "contract")
    list_filter = ("state", "type", "proposal__state", "source", "owner")
    list_select_related = ("account", "owner", "proposal")
    search_fields = ("name", "external_id", "account__name")
    ordering = ("-opened_at", "-id")
    list_fullwidth = True

    @admin.display(description="A year", ordering="amount_minor")
    def shown_amount(self, deal: Deal) -> str:
        return "–" if deal.amount_minor is None else money.shown(deal.amount_minor, deal.currency)

    @display(description="State", ordering="state", label=STATES)
    def shown_state(self, deal: Deal) -> str:
        return str(deal.get_state_display())

    @admin.display(description="Contract")
    def contract(self, deal: Deal) -> str:
        proposal = getattr(deal, "proposal", None)
        return proposal.get_state_display() if proposal else "–"

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path("<int:pk>/accept/", wrap(self.accept_view), name="accounts_deal_accept"),
            path("<int:pk>/decline/", wrap(self.decline_view), name="accounts_deal_decline"),
        ]
        return own + pages.urls(wrap) + super().get_urls()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The deal as its CRM tells of it, and the contract that it proposes."""
        return self._page(request, self._deal(request, object_id))

    def accept_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Signs the proposed contract, as the person completed it."""
        if request.method != "POST":
            return _page_of(pk)
        deal = self._editable(request, pk)
        form = AcceptForm(request.POST, proposal=deal.proposal)
        if form.is_valid():
            try:
                services.accept(deal.proposal, by=reader(request), at=now(), **form.cleaned_data)
            except ValidationError as error:
                blame(form, error)
            else:
                messages.success(request, f"The contract with {deal.account} is signed.")
                return _page_of(pk)
        return self._page(request, deal, accept_form=form, status=400)

    def decline_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Declines the proposed contract."""
        if request.method != "POST":
            return _page_of(pk)
        deal = self._editable(request, pk)
        form = DeclineForm(request.POST)
        if form.is_valid():
            try:
                services.decline(deal.proposal, by=reader(request), at=now(), **form.cleaned_data)
            except ValidationError as error:
                blame(form, error)
            else:
                messages.success(request, f"No contract follows from “{deal}”.")
                return _page_of(pk)
        return self._page(request, deal, decline_form=form, status=400)

    def _deal(self, request: HttpRequest, object_id: Any) -> Deal:
        related = ("account", "source", "owner", "product", "proposal__replaces__account", "proposal__contract")
        rows: models.QuerySet[Any] = self.get_queryset(request).select_related(*related)
        deal = rows.filter(pk=object_id).first() if str(object_id).isdigit() else None
        if deal is None:
            raise Http404("There is no such deal, or it is not yours to see.")
        return deal

    def _editable(self, request: HttpRequest, pk: int) -> Any:
        deal = self._deal(request, pk)
        if not reader(request).may_edit(Deal.AREA) or not hasattr(deal, "proposal"):
            raise Http404
        return deal

    def _page(
        self,
        request: HttpRequest,
        deal: Any,
        *,
        accept_form: AcceptForm | None = None,
        decline_form: DeclineForm | None = None,
        status: int = 200,
    ) -> HttpResponse:
        proposal: Any = getattr(deal, "proposal", None)
        may_decide = bool(proposal and proposal.is_undecided and deal.state == Deal.State.WON)
        may_edit = reader(request).may_edit(Deal.AREA)
        context = {
            **self.admin_site.each_context(request),
            "title": deal.name,
            "deal": deal,
            "proposal": proposal,
            "may_edit": may_edit,
            "may_decide": may_decide and may_edit,
            "waits": may_decide and not may_edit,
            "accept_form": (accept_form or AcceptForm(proposal=proposal)) if may_decide else None,
            "decline_form": decline_form or DeclineForm(),
        }
        return render(request, "accounts/deal/page.html", context, status=status)


def _page_of(pk: int) -> HttpResponse:
    """The deal's page: where a decision, and a reloaded form, leads back to."""
    return HttpResponseRedirect(reverse("admin:accounts_deal_change", args=[pk]))
