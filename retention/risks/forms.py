from typing import Any

from django import forms

from accounts.foundation import money
from accounts.foundation.dates import DayField
from accounts.portfolio.quick import ShortForm
from accounts.team.models import User
from accounts.team.queries import colleagues
from accounts.workspace.queries import base_currency
from retention.builder.fields import ConditionField
from retention.risks.models import Risk, RiskSignal
from retention.risks.rating import RiskDraft, SignalDraft

LINES: dict[str, Any] = {"widget": forms.Textarea(attrs={"rows": 3}), "max_length": 2000}


class RiskForm(ShortForm):
    """What is at risk, how much, and who looks after it."""

    category = forms.ChoiceField(choices=[("", "Choose a kind"), *Risk.Category.choices], label="Kind")
    title = forms.CharField(max_length=200, label="What may go wrong?")
    cause = forms.CharField(required=False, label="Why?", **LINES)
    arr = forms.DecimalField(required=False, min_value=0, max_digits=14, decimal_places=2, label="ARR at risk")
    owner: forms.ModelChoiceField = forms.ModelChoiceField(
        queryset=None, required=False, empty_label="Nobody yet", help_text="The next step is work for them."
    )

    def __init__(self, *args: Any, user: User, risk: Risk | None = None, **kwargs: Any) -> None:
        self.currency = base_currency()
        kwargs["initial"] = _of(risk, self.currency) if risk else {"owner": user.pk}
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = colleagues(user, keeping=risk.owner_id if risk else None)  # type: ignore[attr-defined]
        self.fields["arr"].help_text = f"A year, in {self.currency}. Empty: nobody can tell."

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        amount = values.pop("arr", None)
        values["arr_minor"] = None if amount is None else money.nearest_minor(amount, self.currency)
        return values


def _of(risk: Risk, currency: str) -> dict[str, Any]:
    arr = None if risk.arr_minor is None else money.to_units(risk.arr_minor, currency)
    known = {"category": risk.category, "title": risk.title, "cause": risk.cause, "owner": risk.owner_id}
    return known | {"arr": arr, "review_days": risk.review_days}


class StepForm(ShortForm):
    """What is done next about a risk, and by when."""

    next_step = forms.CharField(max_length=200, label="Next step")
    next_step_on = DayField(label="By")


class RaiseForm(RiskForm):
    """A new risk with its next step."""

    next_step = forms.CharField(max_length=200, label="Next step")
    next_step_on = DayField(label="By")


class ChangeForm(RiskForm):
    """A risk that is known, and how often its plan is looked at."""

    review_days = forms.IntegerField(min_value=1, max_value=365, label="Look at the plan every", help_text="Days.")


class RemedyForm(ShortForm):
    """One thing that the get-well plan wants done."""

    text = forms.CharField(max_length=250, label="What is done against the cause?")
    due_on = DayField(label="By")


class ReviewForm(ShortForm):
    """Where the get-well plan stands."""

    text = forms.CharField(label="Where does the plan stand?", **LINES)


class CloseForm(ShortForm):
    """How a risk ended."""

    outcome = forms.ChoiceField(choices=Risk.Outcome.choices, widget=forms.RadioSelect, label="How did it end?")
    lesson = forms.CharField(
        required=False, label="What did we learn?", help_text="Needed where it came true, or we live with it.", **LINES
    )


class TierForm(forms.Form):
    """Where the tiers begin, and how many points each signal gives."""

    medium_from = forms.IntegerField(min_value=1, max_value=100, label="Medium from", help_text="Points.")
    high_from = forms.IntegerField(min_value=1, max_value=100, label="High from", help_text="Points.")
    unknown_from = forms.IntegerField(
        min_value=1, max_value=50, label="Unknown from", help_text="So many core signals of which nobody can tell."
    )

    def __init__(self, *args: Any, draft: RiskDraft, words: list[str], **kwargs: Any) -> None:
        names = ("medium_from", "high_from", "unknown_from")
        kwargs["initial"] = {name: getattr(draft, name) for name in names}
        super().__init__(*args, **kwargs)
        self.before = draft
        for one, when in zip(draft.signals, words, strict=True):
            self.fields[f"points_{one.key}"] = forms.IntegerField(
                min_value=0,
                max_value=100,
                label=one.name,
                initial=one.points,
                help_text=f"Points when {when}. 0 takes the signal out.",
            )

    def draft(self) -> RiskDraft:
        """What the form says, as the service wants it."""
        values = self.cleaned_data
        signals = [
            SignalDraft(one.key, one.name, values[f"points_{one.key}"], one.when, one.is_core, one.basis)
            for one in self.before.signals
            if values[f"points_{one.key}"]
        ]
        return RiskDraft(signals, values["medium_from"], values["high_from"], values["unknown_from"])


class SignalForm(forms.Form):
    """One signal of renewal risk."""

    name = forms.CharField(max_length=120)
    when = ConditionField(allow_held_for=False, label="True when")
    points = forms.IntegerField(min_value=1, max_value=100, initial=1)
    is_core = forms.BooleanField(
        required=False, label="Core", help_text="Where too many core signals are unknown, the tier is unknown."
    )
    basis = forms.ChoiceField(choices=RiskSignal.Basis.choices, initial=RiskSignal.Basis.PRACTICE)
