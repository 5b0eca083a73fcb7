from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.portfolio.models import Account, AccountMember
from accounts.portfolio.queries import listed
from accounts.team.models import User
from accounts.team.queries import colleagues


class AccountForm(forms.ModelForm):
    """The profile of an account, as a person edits it. Saving is the service's business."""

    class Meta:
        model = Account
        fields = (
            "name",
            "domain",
            "parent",
            "state",
            "industry",
            "employees",
            "region",
            "time_zone",
            "use_case",
            "complexity",
            "goals",
            "fiscal_year_end_month",
            "budget_month",
            "acquisition_source",
            "campaign",
        )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parents = listed().for_user(user)  # type: ignore[attr-defined]
        self.fields["parent"].queryset = parents.exclude(pk=self.instance.pk)  # type: ignore[attr-defined]

    def _post_clean(self) -> None:
        """Checks the fields as the model does, on a copy: the service compares the instance with what is new."""
        probe = Account(**self.cleaned_data)
        others = {field.name for field in Account._meta.fields} - self.cleaned_data.keys()
        try:
            probe.clean_fields(exclude=others)
        except ValidationError as error:
            self.add_error(None, error)


class AssignForm(forms.Form):
    """Who takes which part on an account; nobody makes the part vacant."""

    part = forms.ChoiceField(choices=AccountMember.Part.choices)
    user: forms.ModelChoiceField = forms.ModelChoiceField(
        queryset=None, required=False, empty_label="Nobody", label="Who"
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = colleagues(user)  # type: ignore[attr-defined]
