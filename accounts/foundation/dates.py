"""Days and instants as people type them: with the browser's calendar, and within the years of business."""

from typing import Any

from django import forms

from accounts.foundation.clock import validate_plausible


class DayField(forms.DateField):
    """A day."""

    default_validators = [validate_plausible]

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"widget": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")} | kwargs)


class MomentField(forms.DateTimeField):
    """An instant, in the reader's zone."""

    default_validators = [validate_plausible]

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        super().__init__(**{"widget": widget} | kwargs)
