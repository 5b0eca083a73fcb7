"""One more measure for a health model: what it looks at, its points, its weight, and what a missing value does."""

import re
from collections.abc import Collection, Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.facts.catalogue import Use
from accounts.facts.lookup import catalogue, find
from accounts.foundation.keys import key_from
from retention.builder.fields import ConditionField
from retention.builder.registry import choices
from retention.health.drafts import MeasureDraft
from retention.health.models import Basis, HealthMeasure
from retention.health.point_lines import NAMES, NUMBERS, TIMES, scale_of

FACT, STEPS, DEDUCTIONS = "fact", "steps", "deductions"
BY = {
    FACT: "the value of a fact",
    STEPS: "conditions: the first that is true gives its points",
    DEDUCTIONS: "conditions: each that is true takes its points off",
}
CASES = range(1, 5)
KINDS = {"Numbers": NUMBERS, "Dates: the days since then": TIMES, "Words": NAMES}
CASE = re.compile(r"\.scale\.(?:steps|deductions)\[(?P<place>\d+)\]\.(?P<what>when|points)")
PLACES = {
    ".weight": "weight",
    ".missing": "missing",
    ".worst_where": "worst_where",
    ".scale.fresh.fact": "fresh_fact",
    ".scale.fresh": "fresh_days",
    ".scale.fact": "fact",
    ".scale.days_since": "fact",
    ".scale.otherwise": "otherwise",
    ".scale.from": "otherwise",
    ".scale": "lines",
    ".key": "name",
}


def _points(label: str, **kwargs: Any) -> forms.IntegerField:
    return forms.IntegerField(required=False, min_value=0, max_value=100, label=label, **kwargs)


class MeasureForm(forms.Form):
    """What a further measure is; left empty, there is none."""

    name = forms.CharField(required=False, max_length=120, label="What it is about")
    weight = _points("Weight")
    missing = forms.ChoiceField(required=False, choices=HealthMeasure.Missing.choices, label="Without a value")
    by = forms.ChoiceField(required=False, choices=BY.items(), label="Its points follow from")
    fact = forms.ChoiceField(required=False, label="Fact")
    lines = forms.CharField(
        required=False,
        max_length=4000,
        label="Points",
        widget=forms.Textarea(attrs={"rows": 4, "placeholder": "7 = 100\n14 = 60\nmore = 0"}),
        help_text="A value and its points on each line: 30 = 100. Shares in %, dates as days ago. Points run straight "
        "between numbers; “less” and “more” say what counts before the first and after the last. "
        "For words “otherwise” says what any other gives.",
    )
    otherwise = _points("Points otherwise, or to begin with", help_text="Left empty: 0, or 100 to begin with.")
    fresh_fact = forms.ChoiceField(required=False, label="Counts only while this date is fresh")
    fresh_days = forms.IntegerField(required=False, min_value=1, max_value=3650, label="… for days")
    basis = forms.ChoiceField(required=False, choices=Basis.choices, initial=Basis.PRACTICE, label="Basis")
    worst_where = ConditionField(
        required=False, allow_held_for=False, counts=False, label="A missing value counts as 0 where this is true"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [fact for fact in catalogue().values() if fact.use is not Use.NEVER]
        grouped = {
            words: [(one.key, one.label) for one in known if one.type in kinds] for words, kinds in KINDS.items()
        }
        self.fields["fact"].choices = [("", "–"), *grouped.items()]  # type: ignore[attr-defined]
        dates = [(one.key, one.label) for one in known if one.type in TIMES]
        self.fields["fresh_fact"].choices = [("", "–"), *dates]  # type: ignore[attr-defined]
        for number in CASES:
            self.fields[f"when_{number}"] = ConditionField(
                required=False, allow_held_for=False, label="While this is true"
            )
            self.fields[f"points_{number}"] = _points(f"Points of condition {number}")
            self.fields[f"called_{number}"] = forms.CharField(required=False, max_length=120, label="What it says")

    @property
    def is_open(self) -> bool:
        """Whether somebody works on it: something is filled in, or wrong."""
        return self.is_bound and bool(self.errors or self.is_given)

    @property
    def is_given(self) -> bool:
        """Whether anything was said that makes it a measure."""
        plain = ("name", "weight", "fact", "lines", "otherwise", "fresh_fact", "fresh_days", "worst_where")
        return any(self.cleaned_data.get(name) not in (None, "") for name in plain) or bool(self._cases())

    def cases(self) -> Iterator[dict[str, Any]]:
        """The fields of each condition with its points."""
        for number in CASES:
            names = ("called", "points", "when")
            row: dict[str, Any] = {name: self[f"{name}_{number}"] for name in names}
            yield row | {"number": number, "is_open": any(row[name].errors or row[name].value() for name in names)}

    def clean(self) -> dict[str, Any]:
        """A measure is given whole, or not at all."""
        values = super().clean() or self.cleaned_data
        if not self.is_given:
            return values
        self._need("name", "Give the measure a name.")
        self._need("weight", "Give its weight; the weights of all measures add up to 100.")
        if values.get("by") in (STEPS, DEDUCTIONS):
            self._need_cases()
        else:
            self._need("fact", "Choose the fact whose value gives the points.")
            self._need("lines", "Give at least one value and its points.")
            self._read_lines()
        if values.get("fresh_fact") or values.get("fresh_days"):
            self._need("fresh_fact", "Choose the date that has to be fresh, or leave out the days.")
            self._need("fresh_days", "Give the days for which it counts, or leave out the date.")
        return values

    def _need(self, name: str, told: str) -> None:
        if name not in self.errors and self.cleaned_data.get(name) in (None, ""):
            self.add_error(name, told)

    def _need_cases(self) -> None:
        for number in self._cases():
            self._need(f"when_{number}", "Say when it is true.")
            self._need(f"points_{number}", "Give its points.")
        if not self._cases():
            self.add_error("when_1", "Give at least one condition with its points.")

    def _cases(self) -> list[int]:
        said = self.cleaned_data
        names = ("when", "points", "called")
        return [one for one in CASES if any(said.get(f"{name}_{one}") not in (None, "") for name in names)]

    def _read_lines(self) -> None:
        fact = find(self.cleaned_data.get("fact") or "")
        if fact is None or not self.cleaned_data.get("lines"):
            return
        offered = {str(value): str(words) for value, words in choices[fact.key]()} if fact.key in choices else {}
        try:
            self.cleaned_data["scale"] = scale_of(fact, self.cleaned_data["lines"], offered)
        except ValidationError as refused:
            self.add_error("lines", refused)

    def draft(self, taken: Collection[str]) -> MeasureDraft:
        """The measure as the service wants it; its key follows from its name."""
        said = self.cleaned_data
        key = key_from(said["name"], fallback="measure").replace("-", "_")
        free = next(one for one in (key, *(f"{key}_{number}" for number in range(2, 1000))) if one not in taken)
        scale = self._scale()
        if said["fresh_fact"]:
            scale["fresh"] = {"fact": said["fresh_fact"], "days": said["fresh_days"]}
        missing = said["missing"] or HealthMeasure.Missing.EXCLUDE.value
        basis = said["basis"] or Basis.PRACTICE.value
        return MeasureDraft(free, said["name"], said["weight"], scale, missing, said["worst_where"], basis)

    def _scale(self) -> dict[str, Any]:
        said = self.cleaned_data
        if said["by"] not in (STEPS, DEDUCTIONS):
            return dict(said["scale"])
        cases = []
        for one in self._cases():
            case = {"when": said[f"when_{one}"], "points": said[f"points_{one}"]}
            cases.append(case | ({"name": said[f"called_{one}"]} if said[f"called_{one}"] else {}))
        if said["by"] == STEPS:
            return {"steps": cases, "otherwise": said["otherwise"] or 0}
        begin = {} if said["otherwise"] is None else {"from": said["otherwise"]}
        return {**begin, "deductions": cases}

    def blame(self, rest: str, message: str) -> None:
        """Puts what is wrong at a place of the measure, such as `.scale.marks[1]`, beside its field."""
        case = CASE.match(rest)
        if case:
            name = f"{case['what']}_{self._cases()[int(case['place'])]}"
        else:
            name = next((field for start, field in PLACES.items() if rest.startswith(start)), "name")
            name = "lines" if name == "otherwise" and self.cleaned_data["by"] == FACT else name
        self.add_error(name, f"{message[:1].upper()}{message[1:]}.")
