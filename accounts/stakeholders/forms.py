"""People at a customer, as somebody enters them. Saving is the services' business."""

from typing import Any

from django import forms

from accounts.foundation.dates import MomentField
from accounts.portfolio.models import Account
from accounts.portfolio.quick import ShortForm
from accounts.stakeholders.models import Stakeholder, StakeholderRole, StakeholderTopic

UNSAID = [("", "Nobody has said")]


class StakeholderForm(ShortForm):
    """Who somebody is, which parts they play, and whether they are still there."""

    name = forms.CharField(max_length=200)
    title = forms.CharField(required=False, max_length=200, label="Job title")
    email = forms.EmailField(required=False, max_length=254, label="E-mail")
    roles = forms.MultipleChoiceField(
        choices=StakeholderRole.Role.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "hf-ticks"}),
    )
    topics = forms.MultipleChoiceField(
        choices=StakeholderTopic.Topic.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "hf-ticks"}),
        label="Wants to hear about",
        help_text="What they told us. It finds whom something concerns; it is no permission to write.",
    )
    influence = forms.ChoiceField(choices=UNSAID + Stakeholder.Influence.choices, required=False)
    sentiment = forms.ChoiceField(choices=UNSAID + Stakeholder.Sentiment.choices, required=False)
    left_at = MomentField(required=False, label="Left the company", help_text="Empty: is still there.")

    @staticmethod
    def of(stakeholder: Stakeholder) -> dict[str, Any]:
        """What the form starts with."""
        kept = ("name", "title", "email", "influence", "sentiment", "left_at")
        return {name: getattr(stakeholder, name) for name in kept} | {
            "roles": [row.role for row in stakeholder.roles.all()],
            "topics": [row.topic for row in stakeholder.topics.all()],
        }


class NewStakeholderForm(StakeholderForm):
    """Somebody whom we do not know yet, or who asked us to forget them and came back."""

    came_back = forms.BooleanField(
        required=False, label="They had asked us to forget them, and came back by their own wish"
    )


class RecogniseForm(ShortForm):
    """Which stakeholder somebody is whom the product knows as a user."""

    stakeholder: forms.ModelChoiceField = forms.ModelChoiceField(
        None, required=False, empty_label="Nobody whom we know", label="Stakeholder"
    )

    def __init__(self, *args: Any, account: Account | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = Stakeholder.objects.filter(account=account)
        self.fields["stakeholder"].queryset = people  # type: ignore[attr-defined]
