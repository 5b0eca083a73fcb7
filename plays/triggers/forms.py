"""When a play starts, as a form: one for each kind of trigger, with the fields that its files have."""

from typing import Any

from django import forms

from accounts.calendar.models import Missed
from accounts.facts.dates import date_facts
from accounts.facts.lookup import find
from accounts.foundation.dates import DayField
from accounts.ingestion.models import Feature
from accounts.portfolio.events import kinds as event_kinds
from accounts.portfolio.events import words
from accounts.workspace.models import validate_time_zone
from plays.definitions.event import OWN
from plays.definitions.models import PlayVersion
from retention.builder.fields import ConditionField

ONLY_WHERE = "What must be true of what happened, by the fields it carries. Empty: each time."
AFTER_STOP = "What becomes of what should have started a day ago or earlier, because nothing ran."


class TriggerForm(forms.Form):
    """What every kind has."""

    again_after_days = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=3650,
        label="Again after",
        help_text="Days after a run started before another may. Empty: each time.",
    )
    after_stop = forms.ChoiceField(choices=Missed.choices, label="After a stop", help_text=AFTER_STOP)
    INNER: tuple[str, ...] = ()

    def beside(self) -> dict[str, Any]:
        """What else of the play the form changes."""
        return {name: self.cleaned_data[name] for name in ("again_after_days", "after_stop")}

    def trigger(self, before: dict[str, Any]) -> dict[str, Any]:
        """The trigger as a file would have it, with what the form does not show left as it was."""
        given = {name: self.cleaned_data[name] for name in self.INNER}
        kept = {name: value for name, value in before.items() if name not in self.INNER}
        return {name: value for name, value in (kept | given).items() if value not in (None, "")}


class WindowForm(TriggerForm):
    """Days before or after a date."""

    fact = forms.ChoiceField(label="Date")
    days = forms.IntegerField(min_value=0, max_value=3650, help_text="How many days from it.")
    side = forms.ChoiceField(choices=[("before", "before the date"), ("after", "after the date")], label="Which side")
    until = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=3680,
        label="Late until",
        help_text="So many days from the date it may still start for an account whose date becomes known late.",
    )
    hour = forms.IntegerField(min_value=0, max_value=23, help_text="Of the day, where the account is.")
    INNER = ("fact", "days", "until", "hour", "before")
    field_order = ["fact", "days", "side", "until", "hour"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(key, found.label if (found := find(key)) else key) for key in date_facts()]
        self.fields["fact"].choices = named  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        return given | {"before": given.get("side") == "before"}


class CadenceForm(TriggerForm):
    """Every so often."""

    every = forms.IntegerField(min_value=1, max_value=366)
    unit = forms.ChoiceField(choices=[("days", "days"), ("weeks", "weeks"), ("months", "months")], label="Unit")
    anchor = DayField(label="First day", help_text="Months count from it: after the 31st comes the last of February.")
    hour = forms.IntegerField(min_value=0, max_value=23, help_text="Of the day, in the time zone.")
    zone = forms.CharField(
        required=False,
        max_length=60,
        label="Time zone",
        validators=[validate_time_zone],
        help_text="Such as Europe/Berlin. Empty: your company's.",
    )
    INNER = ("every", "unit", "anchor", "hour", "zone", "for")
    field_order = list(INNER)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        help_text = "Empty: for every account."
        self.fields["for"] = ConditionField(required=False, allow_held_for=False, label="For whom", help_text=help_text)
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        return given | {"anchor": given["anchor"].isoformat()} if given.get("anchor") else given


class EventForm(TriggerForm):
    """Something happens to an account."""

    kind = forms.ChoiceField(label="What happens")
    where = ConditionField(required=False, fields=[], label="Only where", help_text=ONLY_WHERE)
    INNER = ("kind", "where")
    field_order = ["kind", "where"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = sorted((words(kind), kind) for kind in event_kinds if kind not in OWN)
        self.fields["kind"].choices = [(kind, text) for text, kind in named]  # type: ignore[attr-defined]


class SignalForm(TriggerForm):
    """Somebody of an account does something."""

    event = forms.CharField(
        required=False, max_length=200, label="Tracked event", help_text="Exactly as your product sends it."
    )
    feature = forms.ChoiceField(required=False, label="Or any use of a feature")
    where = ConditionField(required=False, fields=[], label="Only where", help_text=ONLY_WHERE)
    INNER = ("event", "feature", "where")
    field_order = ["event", "feature", "where"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = list(Feature.objects.order_by("name").values_list("key", "name"))
        self.fields["feature"].choices = [("", "No feature"), *named]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if bool(given.get("event")) == bool(given.get("feature")):
            self.add_error("event", "Name a tracked event, or choose a feature: one of the two.")
        return given


class EnteredForm(TriggerForm):
    """A condition becomes true."""

    condition = ConditionField(label="Starts when this becomes true")
    trigger_after_days = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=3650,
        label="Only after",
        help_text="Days for which it must have been true without a break. Empty: it starts at once.",
    )
    rearm = ConditionField(
        required=False,
        label="May start again after",
        help_text="What must be true before it may become true again. Empty: that it was false is enough.",
    )
    field_order = ["condition", "trigger_after_days", "rearm"]

    def beside(self) -> dict[str, Any]:
        return super().beside() | {name: self.cleaned_data[name] for name in ("trigger_after_days", "rearm")}

    def trigger(self, before: dict[str, Any]) -> dict[str, Any]:
        return self.cleaned_data["condition"]


FORMS: dict[str, type[TriggerForm]] = {
    "entered": EnteredForm,
    "window": WindowForm,
    "cadence": CadenceForm,
    "event": EventForm,
    "signal": SignalForm,
}


def filled(version: PlayVersion) -> dict[str, Any]:
    """What the form of a version shows first."""
    trigger = version.trigger
    beside = {name: getattr(version, name) for name in ("again_after_days", "after_stop")}
    if version.starts_on == "entered":
        return beside | {
            "condition": trigger,
            "rearm": version.rearm,
            "trigger_after_days": version.trigger_after_days,
        }
    return beside | {"hour": 9, **trigger, "side": "before" if trigger.get("before", True) else "after"}
