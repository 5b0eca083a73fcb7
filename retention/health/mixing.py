"""What counts as mixed signals, as fields of the form of a health model."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django import forms

from retention.health.drafts import HealthDraft

SIDES = ("one", "other")
TEXTS = ("high_from", "low_below", "policy")
LONGEST = 500


def fields(draft: HealthDraft) -> dict[str, forms.Field]:
    """Name → field, filled with what `draft` says."""
    asked = draft.contradiction or {}
    measures = [(one.key, one.name) for one in draft.measures]

    def side(name: str, **words: Any) -> forms.Field:
        widget = forms.CheckboxSelectMultiple
        return forms.MultipleChoiceField(
            required=False, choices=measures, widget=widget, initial=asked.get(name, []), **words
        )

    def height(name: str, **words: Any) -> forms.Field:
        return forms.IntegerField(required=False, min_value=0, max_value=100, initial=asked.get(name), **words)

    found = {
        "one": side("one", label="These measures are high", help_text="A new measure can be chosen once it counts."),
        "other": side("other", label="… while these are low, or the other way round"),
        "high_from": height("high_from", label="High from, points"),
        "low_below": height("low_below", label="Low below, points"),
        "policy": forms.CharField(
            required=False,
            max_length=LONGEST,
            label="What is done about it",
            help_text="Whoever looks at such an account reads it. No measures chosen: nothing counts as mixed.",
            initial=asked.get("policy", ""),
        ),
    }
    return {f"mixed_{name}": field for name, field in found.items()}


def compared(draft: HealthDraft) -> set[str]:
    """The keys of the measures that mixed signals are told from."""
    asked = draft.contradiction or {}
    return {key for name in SIDES for key in asked.get(name, ())}


def clean(form: forms.Form) -> None:
    """Says what is missing: it is given whole, or not at all."""
    given = {name: form.cleaned_data.get(f"mixed_{name}") for name in (*SIDES, *TEXTS)}
    wanted = {
        "one": "Choose at least one measure here too, or none at all.",
        "other": "Choose at least one measure here too, or none at all.",
        "high_from": "Say from how many points on a measure is high.",
        "low_below": "Say below how many points a measure is low.",
        "policy": "Say in a sentence what is done about it.",
    }
    if not any(given[name] for name in SIDES):
        return
    for name, told in wanted.items():
        if given[name] in (None, "", []) and f"mixed_{name}" not in form.errors:
            form.add_error(f"mixed_{name}", told)


def said(
    values: Mapping[str, Any], before: Mapping[str, Any] | None, keys: Collection[str]
) -> Mapping[str, Any] | None:
    """What the fields say of the measures that are there; nothing does once a side has none."""
    sides = {
        name: _ordered((before or {}).get(name, ()), [key for key in values[f"mixed_{name}"] if key in keys])
        for name in SIDES
    }
    texts = {name: values[f"mixed_{name}"] for name in TEXTS}
    return {**sides, **texts} if all(sides.values()) else None


def _ordered(before: Sequence[str], now: Sequence[str]) -> list[str]:
    """Those of now, in the order of before: ticking the same boxes changes nothing."""
    return [key for key in before if key in now] + [key for key in now if key not in before]
