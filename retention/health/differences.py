"""What one version says otherwise than the one before, in sentences."""

from collections.abc import Iterator, Sequence
from typing import Any

from retention.health import wording
from retention.health.drafts import CapDraft, HealthDraft, MeasureDraft, draft_of
from retention.health.models import HealthMeasure, HealthModelVersion

PLAIN = {
    "precedence": "Place in the order of models",
    "green_from": "Green from",
    "amber_from": "Amber from",
    "enough_percent": "Known weight needed, in %",
    "margin_points": "Points beyond a border",
    "margin_days": "Days beyond a border",
}


def differences(before: HealthModelVersion, after: HealthModelVersion) -> list[str]:
    """One sentence for each thing that `after` says otherwise."""
    one, other = draft_of(before), draft_of(after)
    return [*_plain(one, other), *_measures(one, other), *_caps(one.caps, other.caps)]


def _plain(one: HealthDraft, other: HealthDraft) -> Iterator[str]:
    for name, label in PLAIN.items():
        if getattr(one, name) != getattr(other, name):
            yield f"{label}: {getattr(one, name)} became {getattr(other, name)}."
    if one.applies != other.applies:
        yield f"It applies when {wording.condition(other.applies)}."
    if one.contradiction != other.contradiction:
        yield wording.mixed(other.contradiction, {each.key: each.name for each in other.measures})


def _measures(one: HealthDraft, other: HealthDraft) -> Iterator[str]:
    before, after = ({each.key: each for each in draft.measures} for draft in (one, other))
    yield from (f"{before[key].name} no longer counts." for key in before.keys() - after.keys())
    for key, measure in after.items():
        if key not in before:
            yield f"{measure.name} counts, with weight {measure.weight}."
        else:
            yield from _measure(before[key], measure)


def _measure(one: MeasureDraft, other: MeasureDraft) -> Iterator[str]:
    if one.weight != other.weight:
        yield f"{other.name}: weight {one.weight} became {other.weight}."
    if one.missing != other.missing:
        labels = dict(HealthMeasure.Missing.choices)
        yield f"{other.name} without a value: {labels[other.missing].lower()}."
    if one.scale != other.scale:
        yield f"{other.name}: {'; '.join(wording.scale(other.scale))}."
    if one.worst_where != other.worst_where:
        yield f"{other.name}: for whom a missing value counts as 0 changed."


def _caps(one: Sequence[CapDraft], other: Sequence[CapDraft]) -> Iterator[str]:
    before: dict[str, Any] = {cap.key: cap for cap in one}
    after = {cap.key: cap for cap in other}
    yield from (f"No cap any more: {before[key].name}." for key in before.keys() - after.keys())
    for key, cap in after.items():
        if before.get(key) != cap:
            yield f"At most {cap.at_most}: {cap.name}."
