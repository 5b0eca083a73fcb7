"""Overriding the health of one account, from its page."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from accounts.foundation.clock import now
from accounts.foundation.console import reader
from accounts.portfolio.models import Account
from accounts.portfolio.quick import carry_out, posted, refused, row_of, saved
from accounts.portfolio.registry import Page, pages
from retention.health import overriding
from retention.health.forms import OverrideForm
from retention.health.models import AccountHealth, Band, HealthOverride


def override_page(page: Any, request: HttpRequest, account: Account) -> HttpResponse:
    """Sets the band that counts for a while; the computed one stays beside it."""

    def override(**values: Any) -> tuple[Account, str]:
        made = overriding.override(account, by=reader(request), at=now(), **values)
        return account, f"Health of {account.name} is {made}. The computed score stays beside it."

    title = f"Override the health of {account.name}"
    form = OverrideForm(posted(request), computed=_computed(account))
    return carry_out(request, form, override, title=title, button="Override")


def _computed(account: Account) -> str:
    """What stays beside the override."""
    stands = AccountHealth.objects.filter(account=account).first()
    if stands is None:
        return "No health model applies to this account yet."
    score = "" if stands.score is None else f", {round(stands.score, 1):g} of 100"
    return f"Computed now: {Band(stands.computed_band).label}{score}." if stands.computed_band else ""


def end_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Lets the computed band count again."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    made = row_of(request, HealthOverride, pk)
    try:
        overriding.end(made, by=reader(request), at=now())
    except ValidationError as error:
        return refused(request, made.account, error)
    return saved(request, made.account, f"Health of {made.account.name} is computed again.")


pages.add("override-health", Page("Override health…", override_page))
