"""Entering people at a customer, and recognising them among the users of the product: short forms over the account."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from accounts.foundation.clock import now
from accounts.foundation.console import reader
from accounts.portfolio.models import Account
from accounts.portfolio.quick import account_of, carry_out, posted, row_of
from accounts.stakeholders import services
from accounts.stakeholders.forms import NewStakeholderForm, RecogniseForm, StakeholderForm
from accounts.stakeholders.models import ProductUser, Stakeholder, StakeholderRole


def urls(wrap: Any) -> list[URLPattern]:
    """The addresses of these forms, below the list of stakeholders."""
    return [
        path("new/<int:pk>/", wrap(add_view), name="accounts_stakeholder_new"),
        path("<int:pk>/edit/", wrap(edit_view), name="accounts_stakeholder_edit"),
        path("user/<int:pk>/", wrap(recognise_view), name="accounts_stakeholder_user"),
        path("user/<int:pk>/new/", wrap(promote_view), name="accounts_stakeholder_promote"),
    ]


def add_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Adds somebody to the people of an account."""
    account = account_of(request, pk)

    def add(**values: Any) -> tuple[Account, str]:
        return account, f"{services.add(account, by=reader(request), at=now(), **values)} is added."

    form = NewStakeholderForm(posted(request), initial={"roles": _asked_for(request)})
    return carry_out(request, form, add, title=f"Stakeholder at {account}", button="Add stakeholder")


def _asked_for(request: HttpRequest) -> list[str]:
    """The role with which the form starts, where a link to it names one."""
    return [role for role in request.GET.getlist("role") if role in StakeholderRole.Role.values]


def edit_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes what we know about somebody."""
    person = row_of(request, Stakeholder, pk)

    def change(**values: Any) -> tuple[Account, str]:
        return person.account, f"{services.change(person, by=reader(request), at=now(), **values)} is saved."

    form = StakeholderForm(posted(request), initial=StakeholderForm.of(person))
    return carry_out(request, form, change, title=str(person), button="Save")


def recognise_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Says which stakeholder a user of the product is."""
    user = row_of(request, ProductUser, pk)

    def recognise(stakeholder: Stakeholder | None) -> tuple[Account | None, str]:
        services.recognise(user, stakeholder=stakeholder, by=reader(request), at=now())
        return user.account, f"{user} is {stakeholder or 'no stakeholder'}."

    form = RecogniseForm(posted(request), account=user.account, initial={"stakeholder": _probably(user)})
    return carry_out(request, form, recognise, title=f"Who is {user}?", button="Save")


def _probably(user: ProductUser) -> int | None:
    """The stakeholder who they are, as far as somebody said or their address tells."""
    if user.stakeholder_id or not user.email:
        return user.stakeholder_id
    same = Stakeholder.objects.filter(account=user.account_id, email__iexact=user.email)
    return same.values_list("pk", flat=True).first()


def promote_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Adds a user of the product to the stakeholders of the account."""
    user = row_of(request, ProductUser, pk)

    @transaction.atomic
    def add(**values: Any) -> tuple[Account, str]:
        by, at = reader(request), now()
        if user.account is None:
            raise ValidationError(f"It is not known yet whose user {user} is: they join an account with their signals.")
        person = services.add(user.account, by=by, at=at, **values)
        services.recognise(user, stakeholder=person, by=by, at=at)
        return user.account, f"{person} is added."

    known = {"name": user.name, "email": user.email, "title": user.role}
    form = NewStakeholderForm(posted(request), initial=known)
    return carry_out(request, form, add, title=f"Stakeholder at {user.account}", button="Add stakeholder")
