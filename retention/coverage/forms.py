from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django import forms

from accounts.stakeholders.models import StakeholderRole
from retention.coverage.models import MOST_DAYS, MOST_PEOPLE
from retention.coverage.policy import LineDraft, PolicyDraft, RoleDraft, segment_names, stage_names
from retention.segments.models import Dimension
from retention.segments.queries import current_segments

NOT_ASKED, KNOWN, ENGAGED = "", "known", "engaged"
NEEDS = [(NOT_ASKED, "Not asked"), (KNOWN, "Known"), (ENGAGED, "Engaged in time")]
DAYS = 60
PARTS = {"need": "Asked", "people": "How many", "days": "Engaged within days", "only": "Of whom"}
"""What is said of each role, and the head of its column."""


class LineForm(forms.Form):
    """What is asked of the accounts of a segment in a stage: each role, and how many people must be engaged."""

    segments_by = forms.ChoiceField(
        label="Segments of", help_text="The dimension by which the policy tells accounts apart."
    )
    segment = forms.ChoiceField(required=False)
    stage = forms.ChoiceField(required=False)
    people = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=MOST_PEOPLE,
        label="Engaged people",
        help_text="With fewer the account is single-threaded. Empty: not asked.",
    )
    within_days = forms.IntegerField(
        min_value=1, max_value=MOST_DAYS, initial=DAYS, label="Engaged within days", help_text="By two-way contact."
    )

    def __init__(self, *args: Any, policy: PolicyDraft | None, line: LineDraft | None = None, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {}).update(_initial(line) if line else {})
        super().__init__(*args, **kwargs)
        self.policy, self.line = policy, line
        if policy:
            del self.fields["segments_by"]
            self._offer("segment", segment_names(policy.segments_by), "Any segment")
        else:
            self._offer("segments_by", dict(Dimension.objects.values_list("key", "name")))
            del self.fields["segment"]
        self._offer("stage", stage_names(), "Any stage")
        if line:
            del self.fields["segment"], self.fields["stage"]
        narrow = [("", "Everybody"), *_every_segment()]
        for role, label in StakeholderRole.Role.choices:
            self._add_role(role, str(label), narrow)

    def _offer(self, name: str, found: dict[str, str], empty: str | None = None) -> None:
        field: Any = self.fields[name]
        field.choices = ([("", empty)] if empty else []) + list(found.items())

    def _add_role(self, role: str, label: str, narrow: list[tuple[str, str]]) -> None:
        found: dict[str, forms.Field] = {
            "need": forms.ChoiceField(choices=NEEDS, required=False),
            "people": forms.IntegerField(required=False, min_value=1, max_value=MOST_PEOPLE),
            "days": forms.IntegerField(required=False, min_value=1, max_value=MOST_DAYS),
            "only": forms.ChoiceField(choices=narrow, required=False),
        }
        for part, field in found.items():
            field.label, field.help_text = f"{label}: {PARTS[part].lower()}", PARTS[part]
            if isinstance(field, forms.IntegerField):
                field.widget.attrs["class"] = "hf-short"
            field.widget.attrs["aria-label"] = field.label  # the head of the column is its label for the eye
            self.fields[f"{role}_{part}"] = field
        for part, value in (("people", 1), ("days", DAYS)):
            self.initial.setdefault(f"{role}_{part}", value)

    def head(self) -> Iterator[Any]:
        """The fields above the roles."""
        own = ("segments_by", "segment", "stage", "people", "within_days")
        return (self[name] for name in own if name in self.fields)

    def rows(self) -> Iterator[tuple[str, list[Any]]]:
        """Each role with its fields."""
        for role, label in StakeholderRole.Role.choices:
            yield str(label), [self[f"{role}_{part}"] for part in PARTS]

    def draft(self) -> PolicyDraft:
        """The policy with this line in its place; a new one comes last."""
        values = self.cleaned_data
        line = LineDraft(
            self.line.segment if self.line else values.get("segment", ""),
            self.line.stage if self.line else values["stage"],
            [found for role in StakeholderRole.Role.values if (found := self._role(role))],
            values["people"],
            values["within_days"],
        )
        policy = self.policy or PolicyDraft(values["segments_by"])
        if self.line is None:
            return replace(policy, lines=[*policy.lines, line])
        return replace(policy, lines=[line if one == self.line else one for one in policy.lines])

    def _role(self, role: str) -> RoleDraft | None:
        need, people, days, only = (self.cleaned_data[f"{role}_{part}"] for part in PARTS)
        if need == NOT_ASKED:
            return None
        fact, _, value = only.partition(".")
        return RoleDraft(role, people or 1, (days or DAYS) if need == ENGAGED else None, fact, value)


class DimensionForm(forms.Form):
    """By which dimension the policy tells accounts apart."""

    segments_by = forms.ChoiceField(label="Segments of")

    def __init__(self, *args: Any, policy: PolicyDraft, **kwargs: Any) -> None:
        kwargs["initial"] = {"segments_by": policy.segments_by}
        super().__init__(*args, **kwargs)
        self.policy = policy
        choices = list(Dimension.objects.values_list("key", "name"))
        self.fields["segments_by"].choices = choices  # type: ignore[attr-defined]

    def gone(self) -> list[LineDraft]:
        """Lines that name a segment of the dimension before, and so have no place in another one."""
        is_same = self.cleaned_data["segments_by"] == self.policy.segments_by
        return [] if is_same else [line for line in self.policy.lines if line.segment]

    def draft(self) -> PolicyDraft:
        """The policy with the lines that stay; where none does, one that asks for nothing."""
        gone = self.gone()
        kept = [line for line in self.policy.lines if line not in gone]
        return PolicyDraft(self.cleaned_data["segments_by"], kept or [LineDraft()])


def _every_segment() -> list[tuple[str, str]]:
    """Every segment in force, with its dimension."""
    rows = current_segments().values_list("version__dimension__key", "key", "version__dimension__name", "name")
    return [(f"{dimension}.{key}", f"{of}: {name}") for dimension, key, of, name in rows]


def _initial(line: LineDraft) -> dict[str, Any]:
    found: dict[str, Any] = {"people": line.people, "within_days": line.within_days}
    for one in line.roles:
        found[f"{one.role}_need"] = KNOWN if one.engaged_days is None else ENGAGED
        found[f"{one.role}_people"] = one.people
        found[f"{one.role}_days"] = one.engaged_days or DAYS
        found[f"{one.role}_only"] = f"{one.only_fact}.{one.only_value}" if one.only_fact else ""
    return found
