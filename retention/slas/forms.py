import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.team.models import Team
from retention.slas.hours import followed_elsewhere
from retention.slas.models import MOST_DAYS, WEEKDAYS, BusinessCalendar


class DaysOffField(forms.CharField):
    """Days off, one a line: the date, then its name."""

    widget = forms.Textarea(attrs={"rows": 6, "placeholder": "2026-12-24 Christmas Eve"})

    def to_python(self, value: Any) -> dict[dt.date, str]:  # type: ignore[override]
        """Date → name. Refuses the first line that is neither empty nor a date, and days that stand there twice."""
        lines = [line.strip() for line in str(value or "").splitlines() if line.strip()]
        if len(lines) > MOST_DAYS:
            raise ValidationError(f"These are {len(lines)} days; {MOST_DAYS} fit. Leave out those that are over.")
        found: dict[dt.date, str] = {}
        for line in lines:
            text, _, name = line.partition(" ")
            try:
                day = dt.date.fromisoformat(text)
            except ValueError:
                raise ValidationError(f"“{line[:60]}” begins with no date. Write 2026-12-24 Christmas Eve.") from None
            if day in found:
                raise ValidationError(f"{text} stands there twice. Leave one of them out.")
            found[day] = name.strip()[:120] or "Closed"
        return found

    def prepare_value(self, value: Any) -> Any:
        """The days as one would type them."""
        if not isinstance(value, dict):
            return value
        return "\n".join(f"{day.isoformat()} {name}" for day, name in sorted(value.items()))


class CalendarForm(forms.ModelForm):
    """A business calendar with its days off and the teams that follow it."""

    weekdays = forms.TypedMultipleChoiceField(
        choices=[(str(n), name) for n, name in enumerate(WEEKDAYS)],
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        label="Days of work",
        error_messages={"required": "Choose at least one day of the week."},
    )
    closed_days = DaysOffField(
        required=False, label="Days off", help_text="Besides the public holidays, one a line: 2026-12-24 Christmas Eve."
    )
    teams: forms.ModelMultipleChoiceField = forms.ModelMultipleChoiceField(
        queryset=Team.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = BusinessCalendar
        fields = ["name", "key", "time_zone", "opens", "closes", "weekdays", "country", "subdivision", "is_default"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["teams"].queryset = Team.objects.all()  # type: ignore[attr-defined]
        calendar = self.instance
        if calendar.pk:
            self.initial["closed_days"] = {one.day: one.name for one in calendar.closed_days.all()}
            self.initial["teams"] = calendar.teams
        else:
            self.initial.setdefault("weekdays", [0, 1, 2, 3, 4])

    def clean_country(self) -> str:
        """Codes are written in capitals."""
        return str(self.cleaned_data["country"]).upper()

    def clean_subdivision(self) -> str:
        """Codes are written in capitals."""
        return str(self.cleaned_data["subdivision"]).upper()

    def clean_teams(self) -> list[Team]:
        """A team follows one calendar."""
        teams = list(self.cleaned_data["teams"])
        if trouble := followed_elsewhere(teams, self.instance):
            raise ValidationError(trouble)
        return teams
