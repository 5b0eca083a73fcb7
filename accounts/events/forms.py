from typing import Any

from django import forms

from accounts.foundation.dates import DayField
from accounts.portfolio.events import Group
from accounts.portfolio.models import AccountEvent


class TimelineForm(forms.Form):
    """What of a timeline somebody wants to see."""

    group = forms.ChoiceField(choices=[("", "Everything"), *Group.choices], required=False, label="About")
    actor = forms.ChoiceField(required=False, label="By")
    first = DayField(required=False, label="From")
    last = DayField(required=False, label="To")
    older = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, actors: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["actor"].choices = [("", "Anybody"), *actors]  # type: ignore[attr-defined]

    def chosen(self) -> dict[str, Any]:
        """The fields that say something; those that make no sense say nothing."""
        self.is_valid()
        return {name: value for name, value in getattr(self, "cleaned_data", {}).items() if value}

    def below(self) -> AccountEvent | None:
        """The event below which the page starts."""
        pk = self.chosen().get("older")
        return AccountEvent.objects.filter(pk=pk).first() if pk else None
