"""A contract as a person enters it. Saving is the services' business."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.catalogue.queries import sold
from accounts.contracts.models import Contract
from accounts.contracts.services import LONGEST_REASON
from accounts.foundation import money
from accounts.foundation.dates import DayField, MomentField
from accounts.portfolio.models import Account
from accounts.portfolio.quick import ShortForm
from accounts.workspace.queries import base_currency

MOST_SEATS, MOST_NOTICE = 10_000_000, 3650


def _in_minor_units(amount: Decimal) -> int:
    try:
        return money.to_minor(amount, base_currency())
    except ValidationError as refused:
        raise forms.ValidationError(refused.messages) from None


class TermsForm(ShortForm):
    """What is signed: price, term, and what it takes over."""

    arr = forms.DecimalField(label="ARR", max_digits=16, decimal_places=4, min_value=0)
    starts_on = DayField(label="First day")
    ends_on = DayField(label="Last day")
    product: forms.ModelChoiceField = forms.ModelChoiceField(None, required=False, empty_label="None")
    seats = forms.IntegerField(required=False, min_value=0, max_value=MOST_SEATS)
    notice_days = forms.IntegerField(label="Days of notice", required=False, min_value=0, max_value=MOST_NOTICE)
    auto_renews = forms.BooleanField(label="Renews by itself", required=False)
    replaces: forms.ModelChoiceField = forms.ModelChoiceField(
        None, label="Takes over", required=False, empty_label="No other contract"
    )

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        active = Contract.objects.filter(account=account, status=Contract.Status.ACTIVE)
        self.fields["product"].queryset = sold(keeping=self.initial.get("product"))  # type: ignore[attr-defined]
        self.fields["replaces"].queryset = active.select_related("account")  # type: ignore[attr-defined]
        self.fields["arr"].help_text = f"A year, in {base_currency()}."

    def clean_arr(self) -> int:
        """The amount in minor units."""
        return _in_minor_units(self.cleaned_data["arr"])

    def clean(self) -> dict[str, Any]:
        """What the service is told."""
        values = self.cleaned_data
        if "arr" in values:
            values["arr_minor"] = values.pop("arr")
        values["notice_days"] = values.get("notice_days") or 0
        return values


class SignForm(TermsForm):
    """A contract that was signed, as somebody enters it by hand."""

    signed_at = MomentField(label="Signed", required=False, help_text="Now, where left empty.")
    tier = forms.CharField(required=False, max_length=60, label="Tier")
    sow = forms.CharField(
        required=False, max_length=500, label="Statement of work", help_text="Where it is: a link or a reference."
    )

    @staticmethod
    def of(contract: Contract | None) -> dict[str, Any]:
        """What the form starts with where a contract takes over another one."""
        if contract is None:
            return {}
        kept = ("starts_on", "ends_on", "seats", "notice_days", "auto_renews", "tier", "sow")
        return {name: getattr(contract, name) for name in kept} | {
            "arr": money.decimal_text(contract.arr_minor, contract.currency),
            "product": contract.product_id,
            "replaces": contract.pk,
        }


class CorrectForm(ShortForm):
    """What was agreed, where something else was entered."""

    arr = forms.DecimalField(label="ARR as agreed", max_digits=16, decimal_places=4, min_value=0)
    reason = forms.CharField(
        label="What was wrong",
        max_length=LONGEST_REASON,
        help_text="Nothing was sold or lost: it counts as neither expansion nor contraction, from the first day on.",
    )

    def clean_arr(self) -> int:
        """The amount in minor units."""
        return _in_minor_units(self.cleaned_data["arr"])


class NoticeForm(ShortForm):
    """When the customer gave notice."""

    cancelled_at = MomentField(label="Notice given", required=False, help_text="Now, where left empty.")
