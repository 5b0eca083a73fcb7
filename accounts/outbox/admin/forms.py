from typing import Any

from django import forms

from accounts.outbox.queries import STATUSES
from accounts.outbox.registry import transports
from accounts.portfolio.events import Group, words
from accounts.portfolio.events import kinds as event_kinds
from accounts.workspace import services
from accounts.workspace.models import Workspace

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class SentForm(forms.Form):
    """What of the deliveries somebody wants to see."""

    account = forms.CharField(required=False, max_length=120)
    person = forms.CharField(required=False, max_length=120, label="Recipient")
    channel = forms.ChoiceField(required=False)
    status = forms.ChoiceField(
        required=False, choices=[("", "Everything"), *((name, label) for name, (label, _) in STATUSES.items())]
    )
    first = forms.DateField(required=False, label="From", widget=DAY)
    last = forms.DateField(required=False, label="To", widget=DAY)
    older = forms.IntegerField(required=False, min_value=1, max_value=2**62, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        channels = [(name, one.label) for name, one in transports.items()]
        self.fields["channel"].choices = [("", "Every channel"), *channels]  # type: ignore[attr-defined]

    def chosen(self) -> dict[str, Any]:
        """The fields that say something; those that make no sense say nothing."""
        self.is_valid()
        found = {name: value for name, value in getattr(self, "cleaned_data", {}).items() if value}
        return {name: value for name, value in found.items() if "\0" not in str(value)}


class OutboundForm(forms.Form):
    """To whom the installation may send."""

    mode = forms.ChoiceField(choices=Workspace.OutboundMode.choices, widget=forms.RadioSelect, label="Outbound mode")
    allowed = forms.CharField(
        required=False,
        max_length=services.MOST_ALLOWED * 255,
        label="Allow-list",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="E-mail addresses and domains, one a line: ada@northwind.example, northwind.example.",
    )

    def clean_allowed(self) -> list[str]:
        return self.cleaned_data["allowed"].replace(",", " ").split()


class EndpointForm(forms.Form):
    """An endpoint as a person describes it."""

    name = forms.CharField(max_length=120, help_text="As your people call it, such as Data warehouse.")
    url = forms.CharField(
        max_length=500,
        label="Address",
        widget=forms.TextInput(attrs={"inputmode": "url", "placeholder": "https://"}),
        help_text="Reached over the public internet. A private host must be named in OUTBOUND_ALLOW.",
    )
    kinds = forms.MultipleChoiceField(
        required=False,
        label="Events",
        widget=forms.CheckboxSelectMultiple,
        help_text="None ticked: every kind, those to come included.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = {group.value: group.label for group in Group}
        grouped: dict[str, list[tuple[str, str]]] = {label: [] for label in named.values()}
        for kind, told in sorted(event_kinds.items()):
            grouped[named[told.group]].append((kind, words(kind)))
        choices = [(label, found) for label, found in grouped.items() if found]
        self.fields["kinds"].choices = choices  # type: ignore[attr-defined]
