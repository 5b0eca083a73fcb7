"""What one types about office hours: when they are, who may come, who came."""

from typing import Any
from zoneinfo import available_timezones

from django import forms

from accounts.foundation.clock import now
from accounts.foundation.dates import DayField
from accounts.portfolio.models import Account
from accounts.portfolio.quick import ShortForm
from accounts.stakeholders.models import Stakeholder
from accounts.team.rest import people
from accounts.touches.forms import PeopleField
from accounts.touches.models.touch import LONGEST_TEXT
from retention.success_plans.models import SuccessPlan
from retention.success_plans.office_hours.models import (
    MOST_MINUTES,
    MOST_WEEKS,
    OfficeHours,
    OfficeHoursSession,
    Weekday,
)
from retention.success_plans.office_hours.queries import comes_again

HELD, NOT_HELD = "held", "not_held"


class HoursForm(ShortForm):
    """A series of office hours."""

    title = forms.CharField(max_length=120, initial="Office hours")
    host: forms.ModelChoiceField = forms.ModelChoiceField(None, label="Who holds them")
    weekday = forms.ChoiceField(choices=Weekday.choices)
    time = forms.TimeField(widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}), label="Begins at")
    time_zone = forms.ChoiceField(help_text="The hour stays the same there, also when the clocks change.")
    minutes = forms.IntegerField(min_value=1, max_value=MOST_MINUTES, initial=45, label="Minutes it lasts")
    every_weeks = forms.IntegerField(min_value=1, max_value=MOST_WEEKS, initial=1, label="Every so many weeks")
    join_url = forms.CharField(max_length=500, required=False, label="Link to join", help_text="The customer sees it.")
    starts_on = DayField(label="From")
    until = DayField(required=False, label="Until", help_text="Empty: without an end.")

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["host"].queryset = people().filter(is_active=True).for_user(user)  # type: ignore[attr-defined]
        self.fields["time_zone"].choices = [(name, name) for name in sorted(available_timezones())]  # type: ignore[attr-defined]

    @staticmethod
    def of(series: OfficeHours) -> dict[str, Any]:
        """What the form shows of a series."""
        return {name: getattr(series, name) for name in HoursForm.base_fields}


class PlanHoursForm(HoursForm):
    """A series of a plan; where tasks of it come again, it may be instead of one."""

    def __init__(self, *args: Any, plan: SuccessPlan, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        rows = comes_again(plan)
        if rows.exists():
            self.fields["instead_of"] = forms.ModelChoiceField(
                rows,
                required=False,
                empty_label="No task, they are new",
                label="Instead of the task",
                initial=rows.filter(title__icontains="office hours").first(),
                help_text="It is not needed any more, and does not come again.",
            )


class TogetherForm(HoursForm):
    """A series for several customers."""

    field_order = ["title", "accounts"]

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        rows = Account.objects.for_user(user).order_by("name")
        self.fields["accounts"] = forms.ModelMultipleChoiceField(
            rows,
            label="For",
            widget=forms.SelectMultiple(attrs={"size": 8}),
            help_text="Customers whose people may come.",
        )
        self.order_fields(self.field_order)


class AttendForm(ShortForm):
    """Who came to one date, or that it was not held."""

    was = forms.ChoiceField(
        choices=[(HELD, "It was held"), (NOT_HELD, "It was not held")],
        widget=forms.RadioSelect,
        initial=HELD,
        label="How it went",
    )
    came = PeopleField(label="Who came", help_text="Each customer of whom somebody came gets a meeting logged.")
    text = forms.CharField(
        required=False,
        max_length=LONGEST_TEXT,
        label="What was asked, or why it was not held",
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, session: OfficeHoursSession, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if session.starts_at > now():
            self._only_not_held()
            return
        guests = session.series.guests.filter(account__in=Account.objects.for_user(user)).values("account")
        rows = Stakeholder.objects.filter(account__in=guests, left_at=None).select_related("account")
        field: Any = self.fields["came"]
        field.queryset = rows.order_by("account__name", "name")
        if session.series.guests.count() > 1:
            field.label_from_instance = lambda one: f"{one.name}, {one.account}"

    def _only_not_held(self) -> None:
        """Before it has begun nobody can have come."""
        was: Any = self.fields["was"]
        was.choices, was.initial = [(NOT_HELD, "It is not held")], NOT_HELD
        was.help_text = "It has not begun yet; who came can be said from then on."
        self.fields["text"].label = "Why it is not held"
        del self.fields["came"]
