from typing import Any

from django import forms

from accounts.foundation.dates import MomentField
from accounts.foundation.keys import key_from
from accounts.ingestion.models import Milestone
from accounts.portfolio.quick import ShortForm
from retention.builder.fields import ConditionField
from retention.milestones.models import MOST_DAYS, MilestoneRoute, ValueMilestone
from retention.milestones.services import MilestoneDraft, RouteDraft

BY_HAND = "By hand, with evidence"
EVENT, CONDITION, HAND = "event", "condition", "hand"


class ReachForm(ShortForm):
    """Which milestone was reached, when, and what shows it."""

    milestone: forms.ModelChoiceField = forms.ModelChoiceField(
        queryset=None, empty_label="Choose a milestone", error_messages={"required": "Choose what was reached."}
    )
    reached_at = MomentField(label="When")
    evidence = forms.CharField(
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        label="What shows it?",
        help_text="A link, or what you saw. Whoever reads the account next has to be able to trust it.",
    )

    def __init__(self, *args: Any, open_ones: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["milestone"].queryset = ValueMilestone.objects.filter(pk__in=open_ones)  # type: ignore[attr-defined]


class MilestoneForm(forms.Form):
    """What a milestone is called and means."""

    name = forms.CharField(max_length=120)
    meaning = forms.CharField(max_length=250, required=False, help_text="What the customer has achieved by then.")
    position = forms.IntegerField(min_value=0, max_value=1000, label="Place in the order", initial=0)
    is_active = forms.BooleanField(required=False, initial=True, label="In use")

    @staticmethod
    def of(draft: MilestoneDraft) -> dict[str, Any]:
        """A milestone in force, as the form shows it."""
        return {"name": draft.name, "meaning": draft.meaning, "position": draft.position, "is_active": draft.is_active}


class RouteForm(forms.Form):
    """How some accounts reach a milestone, and by when."""

    name = forms.CharField(max_length=120, label="For whom", help_text="Such as Marketing automation, or Everybody.")
    applies = ConditionField(
        required=False,
        allow_held_for=False,
        label="These accounts",
        help_text="Empty: all that no route above it took.",
    )
    told_by = forms.ChoiceField(
        choices=[(EVENT, "By an event"), (CONDITION, "By a condition"), (HAND, BY_HAND)], label="Reached"
    )
    event = forms.ChoiceField(required=False, label="Event", help_text="A milestone of the tracking plan.")
    condition = ConditionField(required=False, allow_held_for=False, label="Condition")
    days = forms.IntegerField(
        required=False, min_value=0, max_value=MOST_DAYS, label="Deadline in days", help_text="Empty: none."
    )
    clock = forms.ChoiceField(choices=MilestoneRoute.Clock.choices, label="Counted in")
    basis = forms.ChoiceField(choices=MilestoneRoute.Basis.choices, initial=MilestoneRoute.Basis.PRACTICE)

    def __init__(self, *args: Any, route: RouteDraft | None = None, **kwargs: Any) -> None:
        self.route = route
        if route:
            kwargs["initial"] = {**vars(route), "told_by": _told_by(route)}
        super().__init__(*args, **kwargs)
        tracked = Milestone.objects.order_by("name").values_list("key", "name")
        self.fields["event"].choices = [("", "–"), *tracked]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        told = values.get("told_by")
        if told == EVENT and not values.get("event") and "event" not in self.errors:
            self.add_error("event", "Choose the milestone of the tracking plan that means it.")
        if told == CONDITION and not values.get("condition") and "condition" not in self.errors:
            self.add_error("condition", "Put at least one comparison in it.")
        return values

    def draft(self, taken: set[str]) -> RouteDraft:
        """What the form says; a new route gets a key that is not taken."""
        values = dict(self.cleaned_data)
        told = values.pop("told_by")
        values["event"] = values["event"] if told == EVENT else ""
        values["condition"] = values["condition"] if told == CONDITION else None
        return RouteDraft(key=self.route.key if self.route else free_key(values["name"], taken), **values)


def free_key(name: str, taken: set[str]) -> str:
    """A key made of `name` that is none of `taken`."""
    key = key_from(name, fallback="route").replace("-", "_")
    numbered = (f"{key}_{number}" for number in range(2, len(taken) + 3))
    return key if key not in taken else next(one for one in numbered if one not in taken)


def _told_by(route: RouteDraft) -> str:
    if route.event:
        return EVENT
    return CONDITION if route.condition is not None else HAND
