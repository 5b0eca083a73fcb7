"""The short forms by which people log what happened and say what comes next. Saving is the services' business."""

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone

from accounts.foundation.dates import DayField, MomentField
from accounts.portfolio.models import Account
from accounts.portfolio.quick import ShortForm
from accounts.stakeholders.models import Stakeholder
from accounts.touches.models import BusinessReview, NextStep, Pulse, Touch
from accounts.touches.models.touch import LONGEST_TEXT

BOTH, OPEN, THEM = "both", "open", "them"
WENT = [(BOTH, "We spoke, or they answered"), (OPEN, "No answer yet"), (THEM, "They came to us")]
"""How a touch went: what a person knows, instead of a direction and a flag."""


class PeopleField(forms.ModelMultipleChoiceField):
    """People of one account, to tick."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.CheckboxSelectMultiple(attrs={"class": "hf-ticks"})
        super().__init__(Stakeholder.objects.none(), widget=widget, required=False, **kwargs)

    def at(self, account: Account | None) -> None:
        """Offers those who are still there."""
        if account:
            self.queryset = Stakeholder.objects.filter(account=account, left_at=None)


class LogForm(ShortForm):
    """A touch in ten seconds, with what follows from it."""

    kind = forms.ChoiceField(choices=Touch.Kind.choices, widget=forms.RadioSelect, initial=Touch.Kind.CALL)
    purpose = forms.ChoiceField(choices=Touch.Purpose.choices, initial=Touch.Purpose.CHECK_IN)
    went = forms.ChoiceField(choices=WENT, initial=BOTH, label="How it went")
    stakeholders = PeopleField(label="With")
    text = forms.CharField(
        required=False,
        max_length=LONGEST_TEXT,
        label="What was said",
        widget=forms.Textarea(attrs={"rows": 3, "data-complete": ""}),
    )
    minutes = forms.IntegerField(required=False, min_value=0, max_value=1440, label="Minutes")
    happened_at = MomentField(required=False, label="When", help_text="Now, where left empty.")
    in_conversation = forms.BooleanField(required=False, label="We are talking with them: automation should wait")
    next_step = forms.CharField(required=False, max_length=250, label="Next step")
    due_on = DayField(required=False, label="Until")
    pulse = forms.ChoiceField(choices=[("", "As it is"), *Pulse.Value.choices], required=False, label="Pulse")

    def __init__(self, *args: Any, account: Account | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account = account
        self.fields["stakeholders"].at(account)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        if self.account is None:
            self.add_error(None, "Choose the account: type a few letters of its name, then pick it from the list.")
        if values.get("due_on") and not values.get("next_step"):
            self.add_error("next_step", "Say what is to be done until then, or leave the date empty.")
        return values

    def touch(self) -> dict[str, Any]:
        """The fields of the touch, as its service wants them."""
        values = self.cleaned_data
        went, is_note = values["went"], values["kind"] == Touch.Kind.NOTE
        inbound = went == THEM and not is_note
        named = {name: values[name] for name in ("kind", "purpose", "stakeholders", "text", "minutes")}
        return named | {
            "direction": Touch.Direction.INBOUND if inbound else Touch.Direction.OUTBOUND,
            "is_two_way": went != OPEN and not is_note,
            "in_conversation": values["in_conversation"],
            "happened_at": values["happened_at"],
        }


class NextStepForm(ShortForm):
    """What is done next for an account."""

    text = forms.CharField(max_length=250, label="Next step")
    due_on = DayField(required=False, label="Until")

    @staticmethod
    def of(step: NextStep | None) -> dict[str, Any]:
        """What the form starts with."""
        return {"text": step.text, "due_on": step.due_on} if step else {}


class PulseForm(ShortForm):
    """How an account stands in somebody's judgement."""

    value = forms.ChoiceField(choices=Pulse.Value.choices, widget=forms.RadioSelect, label="Pulse")
    reason = forms.CharField(required=False, max_length=500, label="Why")


class PlanReviewForm(ShortForm):
    """When the business is reviewed with the customer, and with whom."""

    kind = forms.ChoiceField(choices=BusinessReview.Kind.choices)
    planned_for = MomentField(label="When")
    stakeholders = PeopleField(label="With")

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        soon = timezone.localtime() + dt.timedelta(days=14)
        kwargs.setdefault("initial", {"planned_for": soon.replace(hour=10, minute=0)})
        super().__init__(*args, **kwargs)
        self.fields["stakeholders"].at(account)  # type: ignore[attr-defined]


class HoldReviewForm(ShortForm):
    """What came of a review."""

    outcome = forms.ChoiceField(choices=BusinessReview.Outcome.choices, widget=forms.RadioSelect)
    held_at = MomentField(required=False, label="When", help_text="Now, where left empty.")
    stakeholders = PeopleField(label="Who was there")
    text = forms.CharField(
        required=False, max_length=LONGEST_TEXT, label="What was said", widget=forms.Textarea(attrs={"rows": 3})
    )
    minutes = forms.IntegerField(required=False, min_value=0, max_value=1440)
    next_step = forms.CharField(required=False, max_length=250)
    due_on = DayField(required=False, label="Until")

    def __init__(self, *args: Any, review: BusinessReview, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"stakeholders": list(review.stakeholders.all())})
        super().__init__(*args, **kwargs)
        self.fields["stakeholders"].at(review.account)  # type: ignore[attr-defined]
