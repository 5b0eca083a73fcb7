"""Starting a handoff by hand, from the account's page."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from accounts.foundation.console import filled_in, reader
from accounts.foundation.scope import Area
from accounts.portfolio.models import Account
from accounts.portfolio.registry import Page, pages
from retention.handoffs import services
from retention.handoffs.forms import StartForm


def start_page(page: Any, request: HttpRequest, account: Account) -> HttpResponse:
    """Asks which handoff it is and who is on which side; begins it at once."""
    form = StartForm(request.POST if request.method == "POST" else None, user=reader(request))

    def started(**given: Any) -> Any:
        return services.start(account, **given)

    if handoff := filled_in(request, form, started):
        messages.success(request, f"{handoff.version.template.name} has begun.")
        return HttpResponseRedirect(reverse("admin:retention_handoff_change", args=[handoff.pk]))
    context = {
        **page.admin_site.each_context(request),
        "title": f"Hand over {account.name}",
        "account": account,
        "form": form,
    }
    return render(request, "retention/handoff/start.html", context, status=400 if form.errors else 200)


pages.add("start-handoff", Page("Hand over…", start_page, area=Area.WORK))
