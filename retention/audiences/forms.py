from collections.abc import Collection
from typing import Any

from django import forms

from accounts.foundation.keys import key_from
from accounts.stakeholders.models import StakeholderRole, StakeholderTopic
from retention.audiences.drafts import EVERYBODY, AudienceDraft
from retention.builder.fields import ConditionField


def _ticks(choices: Any, **kwargs: Any) -> forms.MultipleChoiceField:
    ticked = forms.CheckboxSelectMultiple(attrs={"class": "hf-ticks"})
    return forms.MultipleChoiceField(choices=choices, required=False, widget=ticked, **kwargs)


class WhoForm(forms.Form):
    """Whom an audience means: what its size is counted from while somebody edits."""

    roles = _ticks(StakeholderRole.Role.choices, help_text="One of these is enough. None: whatever their role.")
    topics = _ticks(
        StakeholderTopic.Topic.choices,
        label="Wants to hear about",
        help_text="One of these is enough. None: whatever they want to hear about.",
    )
    condition = ConditionField(
        required=False,
        allow_held_for=False,
        counts=False,  # the people are counted beside the form, and the accounts with them
        label="At accounts for which",
        help_text="Stage, segments, health, renewal: any fact. Empty: at all accounts.",
    )
    needs_email = forms.BooleanField(
        required=False,
        initial=True,
        label="Only who has an e-mail address",
        help_text="Untick it where people are met or called, not written to.",
    )

    def draft(self, key: str = "") -> AudienceDraft:
        """What the form says, under this key; one that is only counted has neither key nor name."""
        return AudienceDraft(**{"name": ""} | self.cleaned_data, key=key)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not self.errors and not (values["roles"] or values["topics"] or values["condition"]):
            raise forms.ValidationError(EVERYBODY)
        return values


class AudienceForm(WhoForm):
    """An audience with its name."""

    name = forms.CharField(max_length=120)
    meaning = forms.CharField(max_length=250, required=False, label="What it is for")
    field_order = ["name", "meaning"]

    @staticmethod
    def of(draft: AudienceDraft) -> dict[str, Any]:
        """What the form starts with."""
        return {name: value for name, value in vars(draft).items() if name != "key"}


def free_key(name: str, taken: Collection[str]) -> str:
    """A key made of `name` that is none of `taken`."""
    key = key_from(name, fallback="audience").replace("-", "_")
    numbered = (f"{key}_{number}" for number in range(2, len(taken) + 3))
    return key if key not in taken else next(one for one in numbered if one not in taken)
