"""Deals, and the contracts that follow from them, as people enter them. Saving is the services' business."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.catalogue.queries import sold
from accounts.contracts.forms import MOST_SEATS, TermsForm
from accounts.deals.models import LONGEST_TERM, ContractProposal, Deal
from accounts.deals.services import LONGEST_REASON
from accounts.foundation import money
from accounts.foundation.dates import DayField, MomentField
from accounts.portfolio.quick import ShortForm
from accounts.team.models import User
from accounts.team.queries import colleagues
from accounts.workspace.queries import base_currency


class AcceptForm(TermsForm):
    """The contract as it will be signed, filled in with what the deal proposes."""

    def __init__(self, *args: Any, proposal: ContractProposal, **kwargs: Any) -> None:
        super().__init__(*args, account=proposal.deal.account, **{"initial": _offered(proposal)} | kwargs)


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


class DealForm(ShortForm):
    """A deal as a person tells of it."""

    name = forms.CharField(max_length=200)
    type = forms.ChoiceField(choices=Deal.Type.choices)
    state = forms.ChoiceField(choices=Deal.State.choices)
    amount = forms.DecimalField(
        required=False,
        max_digits=16,
        decimal_places=4,
        min_value=0,
        help_text="A year: what an expansion adds, or what the whole comes to.",
    )
    expected_close_on = DayField(label="Expected to close", required=False)
    owner: forms.ModelChoiceField = forms.ModelChoiceField(
        None, required=False, empty_label="Nobody named", label="Sold by"
    )
    product: forms.ModelChoiceField = forms.ModelChoiceField(None, required=False, empty_label="None")
    starts_on = DayField(label="First day of the term", required=False)
    term_months = forms.IntegerField(label="Months of the term", required=False, min_value=1, max_value=LONGEST_TERM)
    seats = forms.IntegerField(required=False, min_value=0, max_value=MOST_SEATS)
    phase = forms.CharField(required=False, max_length=120, help_text="In your own words, such as Negotiation.")
    probability = forms.IntegerField(label="Likely, in per cent", required=False, min_value=0, max_value=100)
    closed_at = MomentField(label="Won or lost", required=False, help_text="Now, where left empty.")
    lost_reason = forms.CharField(label="Why it was lost", required=False, max_length=250)

    def __init__(self, *args: Any, user: User, deal: Deal | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": _told(deal)} | kwargs)
        self.currency = deal.currency if deal else base_currency()
        self.fields["owner"].queryset = colleagues(user, keeping=deal.owner_id if deal else None)  # type: ignore[attr-defined]
        self.fields["product"].queryset = sold(keeping=deal.product_id if deal else None)  # type: ignore[attr-defined]
        self.fields["amount"].label = f"Amount in {self.currency}"

    def clean(self) -> dict[str, Any]:
        """What the service is told."""
        values = self.cleaned_data
        if "amount" in values:
            amount = values.pop("amount")
            try:
                values["amount_minor"] = None if amount is None else money.to_minor(amount, self.currency)
            except ValidationError as refused:
                self.add_error("amount", refused.messages)
        return values


def _told(deal: Deal | None) -> dict[str, Any]:
    """What the form starts with."""
    if deal is None:
        return {}
    shown = {name: getattr(deal, name) for name in DealForm.base_fields if name != "amount"}
    amount = None if deal.amount_minor is None else money.decimal_text(deal.amount_minor, deal.currency)
    closed_at = deal.closed_at.replace(second=0, microsecond=0) if deal.closed_at else None
    return shown | {"owner": deal.owner_id, "product": deal.product_id, "amount": amount, "closed_at": closed_at}
