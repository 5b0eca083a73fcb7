"""Everything in a health model that is a number or a choice, as one form."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django import forms

from accounts.foundation.keys import key_from
from accounts.portfolio.quick import ShortForm
from retention.builder.fields import ConditionField
from retention.health import mixing, wording
from retention.health.checking import FULL
from retention.health.drafts import CapDraft, HealthDraft, MeasureDraft, draft_of
from retention.health.models import Band, HealthMeasure, HealthModelVersion
from retention.health.new_measure import MeasureForm
from retention.health.point_lines import plain

LARGEST = 1_000_000
NEW_MEASURES = 2
NEW_CAP = ("new_cap_name", "new_cap_at_most", "new_cap_when")
PLACE = re.compile(r"\.measures\[(?P<place>\d+)\](?P<rest>.*)")


class HealthForm(forms.Form):
    """The numbers of one version: bands, weights, marks, what is missing, caps."""

    green_from = forms.IntegerField(min_value=2, max_value=100, label="Green from")
    amber_from = forms.IntegerField(min_value=1, max_value=99, label="Amber from", help_text="Below: red.")
    enough_percent = forms.IntegerField(
        min_value=0, max_value=100, label="Known weight needed, in %", help_text="With less, there is no score."
    )
    margin_points = forms.IntegerField(min_value=0, max_value=50, label="A band is left beyond its border by, points")
    margin_days = forms.IntegerField(min_value=1, max_value=60, label="… or after days beyond it")
    normalise = forms.BooleanField(
        required=False, label="Make the weights add up to 100", help_text="Each keeps its share of the whole."
    )
    applies = ConditionField(
        label="Which accounts it scores", allow_held_for=False, help_text="Of two models that apply, the first counts."
    )
    new_cap_name = forms.CharField(required=False, max_length=120, label="What it is about")
    new_cap_at_most = forms.IntegerField(required=False, min_value=0, max_value=100, label="At most, points")
    new_cap_when = ConditionField(required=False, label="While this is true", allow_held_for=False)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    """Names the draft whose preview was shown."""
    confirmed = forms.BooleanField(required=False, label="I have looked at what stands above, and want it so")

    PLAIN = ("green_from", "amber_from", "enough_percent", "margin_points", "margin_days")

    def __init__(self, *args: Any, version: HealthModelVersion, **kwargs: Any) -> None:
        self.draft_before = draft_of(version)
        kwargs["initial"] = {name: getattr(version, name) for name in (*self.PLAIN, "applies")}
        super().__init__(*args, **kwargs)
        self.further = [MeasureForm(*args, prefix=f"new_{number}") for number in range(NEW_MEASURES)]
        for one in self.draft_before.measures:
            self._add_measure(one)
        for cap in self.draft_before.caps:
            self._add_cap(cap)
        self.fields.update(mixing.fields(self.draft_before))

    def _add_measure(self, one: MeasureDraft) -> None:
        self.fields[f"weight_{one.key}"] = forms.IntegerField(
            min_value=0, max_value=100, label="Weight", initial=one.weight
        )
        self.fields[f"missing_{one.key}"] = forms.ChoiceField(
            choices=HealthMeasure.Missing.choices, label="Without a value", initial=one.missing
        )
        for number in wording.numbers(one.scale):
            self.fields[_name(one, number)] = forms.FloatField(
                min_value=-LARGEST,
                max_value=LARGEST,
                label=number.label,
                initial=plain(number.value * number.factor),
            )
        compared = one.key in mixing.compared(self.draft_before)
        self.fields[f"gone_{one.key}"] = forms.BooleanField(
            required=False,
            label="Take this measure away",
            help_text="Mixed signals are then told without it." if compared else "",
        )

    def _add_cap(self, cap: CapDraft) -> None:
        self.fields[f"cap_{cap.key}"] = forms.IntegerField(
            min_value=0, max_value=100, label="At most, points", initial=cap.at_most
        )
        self.fields[f"cap_when_{cap.key}"] = ConditionField(
            label="While this is true", allow_held_for=False, initial=cap.when
        )
        self.fields[f"cap_gone_{cap.key}"] = forms.BooleanField(required=False, label="Take this cap away")

    def is_valid(self) -> bool:
        """Whether everything is right, further measures too."""
        return all([super().is_valid(), *(one.is_valid() for one in self.further)])

    @property
    def is_wrong(self) -> bool:
        """Whether something is not right yet."""
        return bool(self.errors or any(one.errors for one in self.further))

    def clean(self) -> dict[str, Any]:
        """A further cap is given whole, or not at all."""
        given = super().clean() or self.cleaned_data
        parts = [name for name in NEW_CAP if name not in self.errors]
        said = [name for name in parts if given.get(name) not in (None, "")]
        if said:
            for name in set(parts) - set(said):
                self.add_error(name, "A further cap needs a name, its points and when it holds.")
        mixing.clean(self)
        return given

    def bounds(self) -> Iterator[forms.BoundField]:
        """The fields of the whole model."""
        return (self[name] for name in self.PLAIN)

    def mixed(self) -> tuple[list[forms.BoundField], list[forms.BoundField]]:
        """The fields of mixed signals: both sides, and the rest."""
        return [self[f"mixed_{name}"] for name in mixing.SIDES], [self[f"mixed_{name}"] for name in mixing.TEXTS]

    def measures(self) -> Iterator[dict[str, Any]]:
        """Each measure with its fields."""
        for one in self.draft_before.measures:
            marks = [self[_name(one, number)] for number in wording.numbers(one.scale)]
            yield {
                "measure": one,
                "words": wording.scale(one.scale),
                "weight": self[f"weight_{one.key}"],
                "missing": self[f"missing_{one.key}"],
                "gone": self[f"gone_{one.key}"],
                "numbers": marks,
                "has_errors": any(field.errors for field in marks),
            }

    def caps(self) -> Iterator[dict[str, Any]]:
        """Each cap with its fields."""
        for cap in self.draft_before.caps:
            when = self[f"cap_when_{cap.key}"]
            words = wording.condition(cap.when)
            fields = {"at_most": self[f"cap_{cap.key}"], "gone": self[f"cap_gone_{cap.key}"], "when": when}
            yield {"cap": cap, "words": words, "has_errors": bool(when.errors), **fields}

    def draft(self) -> HealthDraft:
        """What the form says, as the service wants it."""
        values = self.cleaned_data
        measures = [self._measure(one) for one in self._staying()]
        for form in self._added():
            measures.append(form.draft({one.key for one in [*self.draft_before.measures, *measures]}))
        if values["normalise"]:
            measures = normalised(measures)
        numbers = {name: values[name] for name in (*self.PLAIN, "applies")}
        mixed = mixing.said(values, self.draft_before.contradiction, {one.key for one in measures})
        return replace(self.draft_before, measures=measures, caps=self._caps(), contradiction=mixed, **numbers)

    def _staying(self) -> list[MeasureDraft]:
        return [one for one in self.draft_before.measures if not self.cleaned_data[f"gone_{one.key}"]]

    def _added(self) -> list[MeasureForm]:
        return [form for form in self.further if form.is_given]

    def _caps(self) -> list[CapDraft]:
        values = self.cleaned_data
        caps = [
            replace(cap, at_most=values[f"cap_{cap.key}"], when=values[f"cap_when_{cap.key}"])
            for cap in self.draft_before.caps
            if not values[f"cap_gone_{cap.key}"]
        ]
        if name := values["new_cap_name"]:
            key = _free(key_from(name, fallback="cap").replace("-", "_"), {cap.key for cap in self.draft_before.caps})
            caps.append(CapDraft(key, name, values["new_cap_when"], values["new_cap_at_most"]))
        return caps

    def _measure(self, one: MeasureDraft) -> MeasureDraft:
        values = self.cleaned_data
        changed = {
            number.path: plain(values[_name(one, number)] / number.factor)
            for number in wording.numbers(one.scale)
            if values[_name(one, number)] != number.value * number.factor
        }
        return replace(
            one,
            weight=values[f"weight_{one.key}"],
            missing=values[f"missing_{one.key}"],
            scale=wording.with_numbers(one.scale, changed),
        )

    def blame(self, path: str, message: str) -> None:
        """Puts what is wrong at a place of the draft, such as `.measures[2].scale.marks[1]`, beside its field."""
        found = PLACE.fullmatch(path)
        name, said = path.removeprefix(".").replace("contradiction.", "mixed_"), message
        if found and int(found["place"]) >= len(self._staying()):
            self._added()[int(found["place"]) - len(self._staying())].blame(found["rest"], message)
            return
        if found:
            measure = self._staying()[int(found["place"])]
            marks = "-".join(re.findall(r"\w+", found["rest"].removeprefix(".scale")))
            fields = [field for field in self.fields if field.startswith(f"mark_{measure.key}_{marks}")]
            name, said = (
                (fields or [f"{found['rest'].removeprefix('.')}_{measure.key}"])[0],
                f"{measure.name}: {message}",
            )
        self.add_error(name if name in self.fields else None, f"{said[:1].upper()}{said[1:]}.")


def _name(one: MeasureDraft, number: wording.Number) -> str:
    return f"mark_{one.key}_{number.name}"


def _free(key: str, taken: set[str]) -> str:
    return next(one for one in (key, *(f"{key}_{number}" for number in range(2, 1000))) if one not in taken)


def normalised(measures: list[MeasureDraft]) -> list[MeasureDraft]:
    """The same shares with weights that add up to 100; what rounding leaves goes to the largest fractions."""
    total = sum(one.weight for one in measures)
    if not total:
        return measures
    exact = [one.weight * FULL / total for one in measures]
    weights = [int(weight) for weight in exact]
    by_fraction = sorted(range(len(exact)), key=lambda place: weights[place] - exact[place])
    for place in by_fraction[: FULL - sum(weights)]:
        weights[place] += 1
    return [replace(one, weight=weight) for one, weight in zip(measures, weights, strict=True)]


class OverrideForm(ShortForm):
    """The band that counts for a while, why, and until when."""

    band = forms.ChoiceField(
        choices=[("", "Choose a band"), *(choice for choice in Band.choices if choice[0] != "insufficient")],
        error_messages={"required": "Choose the band that counts for now."},
    )
    reason = forms.CharField(
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        label="Why?",
        help_text="Whoever looks at the account next reads it.",
        error_messages={"required": "Say why: whoever looks at the account next has to understand it."},
    )
    until_on = forms.DateField(
        widget=forms.DateInput(attrs={"type": "date"}),
        label="Until",
        help_text="At most 60 days from today.",
        error_messages={"required": "Say until when it counts; after that the computed band counts again."},
    )

    def __init__(self, *args: Any, computed: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["band"].help_text = computed
