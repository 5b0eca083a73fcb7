"""Short forms over a risk: raising it, its next step, its plan, its end."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import URLPattern, path

from accounts.foundation.clock import now
from accounts.foundation.console import reader
from accounts.portfolio.models import Account
from accounts.portfolio.quick import carry_out, posted, refused, row_of, saved
from accounts.portfolio.registry import Page, pages
from retention.risks import plan, services
from retention.risks.forms import ChangeForm, CloseForm, RaiseForm, RemedyForm, ReviewForm, StepForm
from retention.risks.models import Risk, RiskRemedy


def urls(wrap: Any) -> list[URLPattern]:
    """The addresses of these forms, below the list of risks."""
    return [
        path("<int:pk>/edit/", wrap(change_view), name="retention_risk_edit"),
        path("<int:pk>/step/", wrap(step_view), name="retention_risk_step"),
        path("<int:pk>/remedy/", wrap(remedy_view), name="retention_risk_remedy"),
        path("<int:pk>/review/", wrap(review_view), name="retention_risk_review"),
        path("<int:pk>/close/", wrap(close_view), name="retention_risk_close"),
        path("remedy/<int:pk>/done/", wrap(done_view), name="retention_riskremedy_done"),
        path("remedy/<int:pk>/remove/", wrap(remove_view), name="retention_riskremedy_remove"),
    ]


def raise_page(page: Any, request: HttpRequest, account: Account) -> HttpResponse:
    """Raises a risk of the account."""

    def raise_risk(**values: Any) -> tuple[Account, str]:
        risk = services.raise_risk(account, by=reader(request), at=now(), **values)
        return account, f"The risk “{risk}” is raised. Its next step is work for {risk.owner or 'whoever takes it'}."

    form = RaiseForm(posted(request), user=reader(request))
    return carry_out(request, form, raise_risk, title=f"Risk at {account.name}", button="Raise risk")


def _of_risk(
    request: HttpRequest, pk: int, form: Callable[[Risk], forms.Form], verb: Callable[..., Any], said: str, button: str
) -> HttpResponse:
    risk = row_of(request, Risk, pk)

    def do(**values: Any) -> tuple[Account, str]:
        verb(risk, by=reader(request), at=now(), **values)
        return risk.account, said.format(risk=risk)

    return carry_out(request, form(risk), do, title=str(risk), button=button)


def change_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes what is known of a risk."""

    def form(risk: Risk) -> forms.Form:
        return ChangeForm(posted(request), user=reader(request), risk=risk)

    return _of_risk(request, pk, form, services.change, "“{risk}” is saved.", "Save")


def step_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Says what is done next about a risk."""
    said = "The next step about “{risk}” is planned."
    return _of_risk(request, pk, lambda risk: StepForm(posted(request)), services.set_step, said, "Plan the step")


def remedy_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Adds a remedy to the plan."""
    said = "The remedy is in the plan of “{risk}”."
    return _of_risk(request, pk, lambda risk: RemedyForm(posted(request)), plan.add_remedy, said, "Add remedy")


def review_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Notes where the plan stands."""
    said = "Your look at “{risk}” is noted."
    return _of_risk(request, pk, lambda risk: ReviewForm(posted(request)), plan.review, said, "Note review")


def close_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Ends a risk with its outcome."""
    said = "“{risk}” is closed."
    return _of_risk(request, pk, lambda risk: CloseForm(posted(request)), services.close, said, "Close risk")


def done_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Says that a remedy is done."""
    return _of_remedy(request, pk, plan.finish, "“{remedy}” is done.")


def remove_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes a remedy out of the plan."""
    return _of_remedy(request, pk, plan.drop, "“{remedy}” is out of the plan.")


def _of_remedy(request: HttpRequest, pk: int, verb: Callable[..., Any], said: str) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    remedy = row_of(request, RiskRemedy, pk)
    text = said.format(remedy=remedy)
    try:
        verb(remedy, by=reader(request), at=now())
    except ValidationError as error:
        return refused(request, remedy.risk.account, error)
    return saved(request, remedy.risk.account, text)


pages.add("raise-risk", Page("Raise a risk…", raise_page))
