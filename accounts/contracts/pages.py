"""Entering a contract by hand, replacing or correcting one, and noting notice: short forms over the account page."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from accounts.contracts import services
from accounts.contracts.forms import CorrectForm, NoticeForm, SignForm
from accounts.contracts.models import Contract
from accounts.foundation import money
from accounts.foundation.clock import now
from accounts.foundation.console import reader
from accounts.portfolio.models import Account
from accounts.portfolio.quick import account_of, carry_out, posted, row_of
from accounts.workspace.queries import base_currency


def urls(wrap: Any) -> list[URLPattern]:
    """The addresses of these forms, below the list of contracts."""
    return [
        path("sign/<int:pk>/", wrap(sign_view), name="accounts_contract_sign"),
        path("replace/<int:pk>/", wrap(replace_view), name="accounts_contract_replace"),
        path("correct/<int:pk>/", wrap(correct_view), name="accounts_contract_correct"),
        path("notice/<int:pk>/", wrap(notice_view), name="accounts_contract_notice"),
    ]


def sign_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Enters a contract of an account."""
    account = account_of(request, pk)
    return _sign(request, account, f"Contract with {account}", None)


def replace_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Enters the contract that takes the place of one: a change, or the next term."""
    contract = row_of(request, Contract, pk)
    return _sign(request, contract.account, f"In place of {contract}", contract)


def _sign(request: HttpRequest, account: Account, title: str, replaced: Contract | None) -> HttpResponse:
    def sign(**values: Any) -> tuple[Account, str]:
        at = now()
        signed_at = values.pop("signed_at") or at
        if signed_at > at:
            raise ValidationError({"signed_at": "This is still to come. Enter the contract once it is signed."})
        terms = values | {"signed_at": signed_at, "currency": base_currency()}
        contract = services.sign(account, by=reader(request), at=at, **terms)
        shown = money.shown(contract.arr_minor, contract.currency)
        return account, f"The contract with {account} is signed: {shown} a year."

    form = SignForm(posted(request), account=account, initial=SignForm.of(replaced))
    return carry_out(request, form, sign, title=title, button="Sign contract")


def correct_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Puts an amount right that was entered wrongly."""
    contract = row_of(request, Contract, pk)
    entered = {"arr": money.decimal_text(contract.arr_minor, contract.currency)}

    def correct(arr: int, reason: str) -> tuple[Account, str]:
        by, at = reader(request), now()
        services.correct(contract, arr_minor=arr, reason=reason, by=by, at=at)
        return contract.account, f"The contract is corrected: {money.shown(arr, contract.currency)} a year."

    form = CorrectForm(posted(request), initial=entered)
    return carry_out(request, form, correct, title=f"Correct {contract}", button="Correct amount")


def notice_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Notes that the customer gave notice."""
    contract = row_of(request, Contract, pk)

    def cancel(cancelled_at: Any) -> tuple[Account, str]:
        at = now()
        if cancelled_at and cancelled_at > at:
            raise ValidationError({"cancelled_at": "Notice is noted once it has been given; this lies ahead."})
        services.cancel(contract, by=reader(request), at=cancelled_at or at)
        return contract.account, f"Notice is noted. The contract runs until {contract.ends_on:%d %b %Y}."

    form = NoticeForm(posted(request))
    return carry_out(request, form, cancel, title=f"Notice for {contract}", button="Note notice")
