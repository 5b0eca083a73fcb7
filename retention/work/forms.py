import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone

from accounts.foundation.dates import MomentField
from accounts.portfolio.queries import listed
from accounts.team.models import User
from accounts.team.queries import colleagues
from retention.slas.models import Pause
from retention.work.models import WorkItem
from retention.work.registry import work_kinds


class CloseForm(forms.Form):
    """How a piece of work ended."""

    outcome = forms.ChoiceField(
        widget=forms.RadioSelect, error_messages={"required": "Choose how it ended."}, label="How did it end?"
    )
    note = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        max_length=5000,
        label="What did you learn?",
        help_text="Needed when you dismiss it: it improves the rule that raised it.",
    )
    minutes = forms.IntegerField(required=False, min_value=0, max_value=10_000, label="Minutes spent")

    def __init__(self, *args: Any, item: WorkItem, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind = work_kinds[item.kind]
        field = self.fields["outcome"]
        field.choices = [*kind.done.items(), *kind.dismissed.items()]  # type: ignore[attr-defined]
        self.dismissing = set(kind.dismissed)


class NewWorkForm(forms.Form):
    """A piece of work that a person adds by hand."""

    title = forms.CharField(max_length=250, label="What is to be done?")
    guidance = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}), required=False, label="Notes for whoever does it"
    )
    account: forms.ModelChoiceField = forms.ModelChoiceField(queryset=None)
    assignee: forms.ModelChoiceField = forms.ModelChoiceField(
        queryset=None, required=False, help_text="Empty: for whoever takes it."
    )
    due_at = MomentField(label="Due")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        tomorrow = timezone.localtime() + dt.timedelta(days=1)
        kwargs["initial"] = {"assignee": user.pk, "due_at": tomorrow.replace(minute=0)} | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        self.fields["account"].queryset = listed().for_user(user)  # type: ignore[attr-defined]
        self.fields["assignee"].queryset = colleagues(user)  # type: ignore[attr-defined]


class WaitForm(forms.Form):
    """Why a clock is to stand still."""

    reason = forms.ChoiceField(
        choices=Pause.Reason.choices,
        label="Others have to act first?",
        help_text="The due time moves by as long as you wait. What was promised stays on record.",
    )
