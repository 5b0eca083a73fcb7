"""Cells of the book that are changed where they stand, beside those of `touches`."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse

from accounts.foundation.clock import now
from accounts.foundation.console import reader
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account, AccountMember
from accounts.portfolio.quick import ShortForm, account_of, carry_out, posted
from accounts.team.models import User
from accounts.team.queries import colleagues


class OwnerForm(ShortForm):
    """Who is the CSM of one account, if anybody."""

    user: forms.ModelChoiceField = forms.ModelChoiceField(
        queryset=None, required=False, label="CSM", empty_label="Nobody yet"
    )

    def __init__(self, *args: Any, user: User, csm_id: int | None, **kwargs: Any) -> None:
        super().__init__(*args, initial={"user": csm_id}, **kwargs)
        self.fields["user"].queryset = colleagues(user, keeping=csm_id)  # type: ignore[attr-defined]


def csm_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Gives one account a CSM, or leaves it without."""
    account = account_of(request, pk)
    part = AccountMember.Part.CSM
    csm_id = AccountMember.objects.filter(account=account, part=part).values_list("user", flat=True).first()

    def assign(user: User | None) -> tuple[Account, str]:
        portfolio.assign(account, part=part, user=user, by=reader(request), at=now())
        return account, f"{user} is the CSM of {account}." if user else f"{account} has no CSM."

    form = OwnerForm(posted(request), user=reader(request), csm_id=csm_id, auto_id=f"csm_{pk}_%s")
    return carry_out(request, form, assign, title=f"CSM of {account}", button="Assign CSM")
