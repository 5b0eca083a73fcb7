"""What is asked for when work is snoozed, delegated, commented on, closed or timed."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import forms

from accounts.foundation.dates import MomentField
from accounts.portfolio.quick import ShortForm
from accounts.team.models import User
from accounts.team.queries import colleagues
from retention.work import delegating, effort, putting_off, thread
from retention.work.models import WorkItem
from retention.work.registry import WorkKind


class SnoozeForm(ShortForm):
    """Until when: one of the presets, each a button, or a moment of one's own."""

    until = MomentField(required=False, label="Or until")

    def __init__(self, *args: Any, user: User, at: dt.datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.presets = putting_off.presets(user, at=at)

    def clean(self) -> dict[str, Any]:
        """Takes the instant of the button that was pressed, else what was typed."""
        values = super().clean() or {}
        pressed = self.presets.get(self.data.get("preset", ""))
        until = pressed[1] if pressed else values.get("until")
        if until is None and "until" not in self.errors:
            self.add_error("until", "Choose until when.")
        return {"until": until}


class DelegateForm(ShortForm):
    """Who does it instead, and a word about it."""

    to: forms.ModelChoiceField = forms.ModelChoiceField(
        queryset=None, label="Hand to", empty_label="Choose a colleague", help_text="Colleagues who see the account."
    )
    note = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        max_length=thread.LONGEST,
        label="What should they know?",
        help_text="Stands in the comments of the work.",
    )

    def __init__(self, *args: Any, user: User, items: list[WorkItem], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = delegating.able(items[0].account, user) if len(items) == 1 else colleagues(user)
        holders = {item.assignee_id for item in items if item.assignee_id}
        self.fields["to"].queryset = found.exclude(pk__in=holders) if len(holders) == 1 else found  # type: ignore[attr-defined]


class CommentForm(ShortForm):
    """What to say about the work."""

    text = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=thread.LONGEST,
        label="Comment",
        help_text="Write @username to have somebody hear of it.",
        error_messages={"required": "Say something."},
    )


class MinutesForm(ShortForm):
    """How long it took."""

    minutes = forms.IntegerField(min_value=1, max_value=effort.MOST_MINUTES, label="Minutes you spent")


class CompleteForm(ShortForm):
    """How it ended: an outcome that all of these kinds of work know."""

    outcome = forms.ChoiceField(
        widget=forms.RadioSelect, error_messages={"required": "Choose how it ended."}, label="How did it end?"
    )
    note = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 2}),
        required=False,
        max_length=5000,
        label="What did you learn?",
        help_text="Needed when you dismiss it: it improves the rule that raised it.",
    )
    minutes = forms.IntegerField(required=False, min_value=0, max_value=effort.MOST_MINUTES, label="Minutes spent")

    def __init__(self, *args: Any, kinds: Iterable[WorkKind], is_raised: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [{**kind.done, **kind.dismissed} for kind in kinds]
        common = {
            key: label for key, label in (offered[0] if offered else {}).items() if all(key in one for one in offered)
        }
        if not is_raised:
            common.pop("false_alarm", None)  # nothing raised it that could have been wrong
        self.fields["outcome"].choices = list(common.items())  # type: ignore[attr-defined]
