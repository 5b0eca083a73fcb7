"""The forms of a dimension: its name, and one form for each segment."""

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

from accounts.catalogue.models import Product
from accounts.foundation.keys import key_from
from accounts.team.models import Team
from retention.builder.fields import ConditionField
from retention.segments.drafts import SegmentDraft
from retention.segments.models import Segment

OTHERWISE = "Only in the last segment this may be empty: it takes the accounts of which nobody can tell."
STEP = 10
"""Between the places of two segments, so that one can be put between them."""


def _days(label: str) -> forms.IntegerField:
    return forms.IntegerField(required=False, min_value=1, max_value=3650, label=label)


def _share(label: str) -> forms.IntegerField:
    return forms.IntegerField(required=False, min_value=1, max_value=100, label=label)


class DimensionForm(forms.Form):
    """What a dimension is called."""

    name = forms.CharField(max_length=120)
    meaning = forms.CharField(max_length=250, required=False)


class SegmentForm(forms.Form):
    """One segment: its condition, and how its accounts are looked after."""

    key = forms.CharField(required=False, widget=forms.HiddenInput)
    place = forms.IntegerField(required=False, min_value=0, max_value=9999, label="Place in the order")
    name = forms.CharField(max_length=120, required=False)
    meaning = forms.CharField(max_length=250, required=False)
    condition = ConditionField(required=False, label="Takes accounts for which", help_text=OTHERWISE)
    basis = forms.ChoiceField(required=False, label="Basis of its figures")
    strategy = forms.CharField(required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))
    offers = forms.CharField(required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))
    products = forms.MultipleChoiceField(required=False, label="Products that may be offered")
    care = forms.ChoiceField(required=False, label="Looked after by")
    pool = forms.ChoiceField(required=False, label="Pool")
    assign = forms.ChoiceField(required=False, label="The next account goes to")
    capacity = forms.IntegerField(required=False, min_value=1, max_value=100_000, label="Accounts a person")
    time_share = _share("Share of CS time, %")
    check_in_days = _days("Days between check-ins")
    business_review_days = _days("Days between business reviews")
    executive_call_days = _days("Days between executive calls")
    risk_review_days = _days("Days between risk reviews")
    retention_target = _share("Target, 12-month retention, %")
    remove = forms.BooleanField(required=False, label="Remove this segment")

    NAMED = ("name", "place", "meaning")

    def __init__(self, *args: Any, lists: dict[str, list[tuple[str, str]]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in lists.items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]

    @property
    def named(self) -> list[forms.BoundField]:
        """What every segment has beside its condition."""
        return [self[name] for name in self.NAMED]

    @property
    def further(self) -> list[forms.BoundField]:
        """How its accounts are looked after."""
        known = set(SegmentDraft.__dataclass_fields__) - {*self.NAMED, "condition", "key"}
        return [self[name] for name in self.fields if name in known]

    @property
    def has_errors_further(self) -> bool:
        """Whether something is wrong in what is folded away."""
        return any(field.errors for field in self.further)

    def clean(self) -> dict[str, Any]:
        """A segment in which something is filled in has a name."""
        said = {name: value for name, value in self.cleaned_data.items() if value not in (None, "", [], False)}
        if said.keys() - {"place"} and not said.get("name") and not said.get("remove"):
            self.add_error("name", "Give the segment a name, or empty its other fields.")
        return self.cleaned_data

    @property
    def counts(self) -> bool:
        """Whether it stands for a segment: it has a name, and is not to be removed."""
        return bool(self.cleaned_data.get("name")) and not self.cleaned_data.get("remove")

    def draft(self, key: str) -> SegmentDraft:
        """The segment under `key`, as the service wants it."""
        names = SegmentDraft.__dataclass_fields__.keys() - {"key"}
        return SegmentDraft(key=key, **{name: self.cleaned_data[name] for name in names})


def lists() -> dict[str, list[tuple[str, str]]]:
    """What the choices of a segment are, read once for all of its forms."""
    none = [("", "–")]
    return {
        "basis": [*none, *Segment.Basis.choices],
        "care": [*none, *Segment.Care.choices],
        "assign": [*none, *Segment.Share.choices],
        "pool": [("", "Everybody who is CSM of an account"), *Team.objects.values_list("key", "name")],
        "products": list(Product.objects.values_list("key", "name")),
    }


class SegmentForms:
    """The forms of all segments of a dimension, and empty ones for more."""

    EMPTY = 1

    def __init__(self, data: Any, drafts: Sequence[SegmentDraft]) -> None:
        choices = lists()
        count = _count(data, len(drafts) + self.EMPTY) if data else len(drafts) + self.EMPTY
        self.forms = [
            SegmentForm(data, prefix=f"segment-{number}", initial=_initial(number, drafts), lists=choices)
            for number in range(count)
        ]

    def is_valid(self) -> bool:
        """Whether all of them are."""
        return all([form.is_valid() for form in self.forms])

    def _ordered(self) -> list[SegmentForm]:
        """Those that count, in order; where the place is left empty, before the last one."""
        found = [form for form in self.forms if form.counts]
        last = max((form.cleaned_data["place"] or 0 for form in found), default=0)

        def place(form: SegmentForm) -> float:
            told = form.cleaned_data["place"]
            return last - 0.5 if told is None else told

        return sorted(found, key=place)

    def keyed(self) -> list[tuple[str, SegmentForm]]:
        """The segments in order, each under its key. A new one gets a key from its name, which then stays."""
        taken = {form.cleaned_data["key"] for form in self.forms} - {""}
        found = []
        for form in self._ordered():
            key = form.cleaned_data["key"] or _free(key_from(form.cleaned_data["name"], fallback="segment"), taken)
            taken.add(key)
            found.append((key, form))
        return found

    def drafts(self) -> list[SegmentDraft]:
        """The segments in order, as the service wants them."""
        return [form.draft(key) for key, form in self.keyed()]

    def blame(self, error: ValidationError, form: forms.Form) -> None:
        """Puts what the service refused beside the fields it speaks of; what is about the whole goes to `form`."""
        named = error.message_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.messages}
        ordered = self._ordered()
        for field, texts in named.items():
            found = re.match(r"segments\[(\d+)\]\.(\w+)", field)
            if found:
                one = ordered[int(found[1])]
                one.add_error(found[2] if found[2] in one.fields and found[2] != "key" else None, texts)
            else:
                form.add_error(field if field in form.fields else None, texts)


def _count(data: Any, least: int) -> int:
    numbers = [int(found[1]) for name in data if (found := re.match(r"segment-(\d{1,3})-name", name))]
    return max([least, *(number + 1 for number in numbers)])


def _initial(number: int, drafts: Sequence[SegmentDraft]) -> dict[str, Any]:
    if number >= len(drafts):
        return {}
    return {**vars(drafts[number]), "place": (number + 1) * STEP}


def _free(key: str, taken: set[str]) -> str:
    return next(one for one in [key, *(f"{key}_{number}" for number in range(2, 1000))] if one not in taken)
