"""One stage as a form, and moving an account by hand."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms

from accounts.facts.dates import date_facts
from accounts.facts.lookup import find
from accounts.foundation.dates import DayField
from accounts.foundation.keys import KEY_LENGTH
from retention.builder.fields import ConditionField
from retention.lifecycle.models import Stage
from retention.lifecycle.services import StageDraft
from retention.raci.parts import Function, Part, ordered, problems

DAYS: dict[str, Any] = {"required": False, "min_value": 1, "max_value": 3650}
PACE: dict[str, Any] = {"required": False, "min_value": 0, "max_value": 3650}
PARTS = [("", "–"), *((part.value, part.label) for part in Part)]


class StageForm(forms.Form):
    """One stage: its criteria, who answers for it, its pace."""

    name = forms.CharField(max_length=120)
    meaning = forms.CharField(max_length=250, help_text="One sentence: what is true of an account in it.")
    enter = ConditionField(label="Enters when")
    enter_after_days = forms.IntegerField(
        label="Enters only after", help_text="Days for which that must have held. Empty: at once.", **DAYS
    )
    leave = ConditionField(
        required=False, label="Leaves when", help_text="Empty: when what lets it in is no longer true."
    )
    leave_after_days = forms.IntegerField(
        label="Leaves only after", help_text="Days for which that must have held. Empty: at once.", **DAYS
    )
    is_passing = forms.BooleanField(
        required=False, label="Passing", help_text="Stands on top of the stage reached, and gives it back (renewal)."
    )
    normal_days = forms.IntegerField(label="Usual days", help_text="How long accounts usually stay.", **PACE)
    behind_days = forms.IntegerField(label="Behind after", help_text="Days. Empty: never.", **PACE)
    stuck_days = forms.IntegerField(label="Stuck after", help_text="Days. Empty: never.", **PACE)
    pace_from = forms.ChoiceField(required=False, label="Days count from")
    CRITERIA = ("name", "meaning", "enter", "enter_after_days", "leave", "leave_after_days", "is_passing")
    PACE = ("normal_days", "behind_days", "stuck_days", "pace_from")
    RACI = tuple(f"raci_{name}" for name in Function.values)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dates = [(key, found.label if (found := find(key)) else key) for key in date_facts()]
        self.fields["pace_from"].choices = [("", "Entering the stage"), *dates]  # type: ignore[attr-defined]
        for function in Function:
            field = forms.ChoiceField(required=False, choices=PARTS, label=function.label)
            self.fields[f"raci_{function.value}"] = field

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        for name, said in problems(self._raci(given)).items():
            self.add_error(f"raci_{name}" if name else "raci_sales", said)
        days = [given[name] for name in ("normal_days", "behind_days", "stuck_days") if given.get(name) is not None]
        if days != sorted(days):
            self.add_error("stuck_days", "Let the days rise: usual, then behind, then stuck.")
        return given

    @staticmethod
    def _raci(given: Mapping[str, Any]) -> dict[str, str]:
        return ordered({name: given.get(f"raci_{name}") or "" for name in Function.values})

    def draft(self, key: str) -> StageDraft:
        """What the form says, as the service wants it."""
        given = {name: value for name, value in self.cleaned_data.items() if not name.startswith("raci_")}
        return StageDraft(key=key, raci=self._raci(self.cleaned_data), **given)


def filled(stage: Stage) -> dict[str, Any]:
    """What the form of a stage shows first."""
    return {name: getattr(stage, name) for name in (*StageForm.CRITERIA, *StageForm.PACE, *StageForm.RACI)}


def key_for(name: str, taken: set[str]) -> str:
    """A key for a new stage of this name, which no stage of the lifecycle has."""
    plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[: KEY_LENGTH - 4] or "stage"
    return next(key for key in (plain, *(f"{plain}_{n}" for n in range(2, 1000))) if key not in taken)


class MoveForm(forms.Form):
    """Where to, why, and for how long."""

    stage = forms.ChoiceField(error_messages={"required": "Choose the stage."})
    reason = forms.CharField(
        max_length=500,
        label="Why?",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="It stands beside the move, for whoever looks at the account later.",
        error_messages={"required": "Say why; whoever looks at the account later reads it."},
    )
    until = DayField(
        required=False,
        label="Until",
        help_text="Through this day, whatever the criteria say. Empty: until the criteria say something new.",
    )

    def __init__(self, *args: Any, stages: list[Stage], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stage"].choices = [("", "Choose"), *((one.key, one.name) for one in stages)]  # type: ignore[attr-defined]
