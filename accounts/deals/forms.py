from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.catalogue.queries import sold
from accounts.contracts.models import Contract
from accounts.deals.models import ContractProposal
from accounts.deals.services import LONGEST_REASON
from accounts.foundation import money
from accounts.workspace.queries import base_currency


class _Day(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class AcceptForm(forms.Form):
    """The contract as it will be signed, filled in with what the deal proposes."""

    arr = forms.DecimalField(label="ARR", max_digits=16, decimal_places=4, min_value=0)
    starts_on = forms.DateField(label="First day", widget=_Day())
    ends_on = forms.DateField(label="Last day", widget=_Day())
    product: forms.ModelChoiceField = forms.ModelChoiceField(None, required=False, empty_label="None")
    seats = forms.IntegerField(required=False, min_value=0, max_value=10_000_000)
    notice_days = forms.IntegerField(label="Days of notice", required=False, min_value=0, max_value=3650)
    auto_renews = forms.BooleanField(label="Renews by itself", required=False)
    replaces: forms.ModelChoiceField = forms.ModelChoiceField(
        None, label="Takes over", required=False, empty_label="No other contract"
    )

    def __init__(self, *args: Any, proposal: ContractProposal, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": _offered(proposal)} | kwargs)
        active = Contract.objects.filter(account=proposal.deal.account, status=Contract.Status.ACTIVE)
        self.fields["product"].queryset = sold()  # type: ignore[attr-defined]
        self.fields["replaces"].queryset = active.select_related("account")  # type: ignore[attr-defined]
        self.fields["arr"].help_text = f"A year, in {base_currency()}."

    def clean_arr(self) -> int:
        """The amount in minor units."""
        try:
            return money.to_minor(self.cleaned_data["arr"], base_currency())
        except ValidationError as refused:
            raise forms.ValidationError(refused.messages) from None

    def agreed(self) -> dict[str, Any]:
        """What the service is told."""
        values = dict(self.cleaned_data)
        values["arr_minor"] = values.pop("arr")
        values["notice_days"] = values["notice_days"] or 0
        return values


def _offered(proposal: ContractProposal) -> dict[str, Any]:
    replaced = proposal.replaces
    known = proposal.arr_minor is not None and proposal.currency == base_currency()
    return {
        "arr": money.decimal_text(proposal.arr_minor or 0, proposal.currency) if known else None,
        "starts_on": proposal.starts_on,
        "ends_on": proposal.ends_on,
        "product": proposal.product_id,
        "seats": proposal.seats,
        "replaces": proposal.replaces_id,
        "notice_days": replaced.notice_days if replaced else None,
        "auto_renews": replaced.auto_renews if replaced else False,
    }


class DeclineForm(forms.Form):
    """Why no contract follows from the deal."""

    reason = forms.CharField(
        label="Why", max_length=LONGEST_REASON, widget=forms.Textarea(attrs={"rows": 3, "cols": 40})
    )
