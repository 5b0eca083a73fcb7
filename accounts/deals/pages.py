"""Entering a deal by hand, and changing one: short forms over the pages of the account and of the deal."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from accounts.deals import services
from accounts.deals.forms import DealForm
from accounts.deals.models import Deal
from accounts.foundation.clock import now
from accounts.foundation.console import reader
from accounts.portfolio.models import Account
from accounts.portfolio.quick import account_of, carry_out, posted, row_of


def urls(wrap: Any) -> list[URLPattern]:
    """The addresses of these forms, below the list of deals."""
    return [
        path("open/<int:pk>/", wrap(open_view), name="accounts_deal_open"),
        path("<int:pk>/edit/", wrap(edit_view), name="accounts_deal_edit"),
    ]


def open_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Enters a deal that no CRM tells of."""
    account = account_of(request, pk)

    def open_deal(**values: Any) -> tuple[Account, str]:
        deal = services.enter(account, by=reader(request), at=now(), **values)
        return account, f"“{deal}” is entered."

    form = DealForm(posted(request), user=reader(request))
    return carry_out(request, form, open_deal, title=f"Deal with {account}", button="Enter deal")


def edit_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes a deal: what it comes to, and whether it is won, lost or open again."""
    deal = row_of(request, Deal, pk)

    def change(**values: Any) -> tuple[Account, str]:
        if values["closed_at"] == form.initial["closed_at"]:
            values.pop("closed_at")  # as known to the second; or now, where its state is another one
        fresh = services.change(deal, by=reader(request), at=now(), **values)
        return fresh.account, f"“{fresh}” is {fresh.get_state_display().lower()}."

    form = DealForm(posted(request), user=reader(request), deal=deal)
    return carry_out(request, form, change, title=f"Change “{deal}”", button="Save deal")
