"""What one version of an ordered definition says otherwise than the one before, in sentences."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

from retention.conditions.refusal import ConditionRefused
from retention.evaluation.reading import in_words

OWN = {"key", "name"}
"""What has a sentence of its own."""
LONG = 40
"""Text from which on only that it changed is told."""


SHOWN = 20
"""Versions that a page tells of."""


def told_versions(
    rows: Any, drafts_of: Callable[[Any], Sequence[Any]], *, conditions: Mapping[str, str], labels: Mapping[str, str]
) -> list[tuple[Any, list[str]]]:
    """The latest versions, the newest first, each with what it says otherwise than the one before."""
    found = list(rows[: SHOWN + 1])
    drafts = [drafts_of(one) for one in found]
    told = [
        (one, differences(before, after, conditions=conditions, labels=labels))
        for one, after, before in zip(found, drafts, drafts[1:], strict=False)
    ]
    return told + [(one, ["The first version."]) for one in found[-1:] if len(found) <= SHOWN]


def differences(
    before: Sequence[Any], after: Sequence[Any], *, conditions: Mapping[str, str], labels: Mapping[str, str]
) -> list[str]:
    """One sentence for each thing that `after` says otherwise; both are drafts with a key and a name, in order.

    `conditions` are the fields that hold one, and what each decides (`enters when`); `labels` name the others.
    """
    known = {draft.key: draft for draft in before}
    kept = {draft.key for draft in after}
    found = [f"{draft.name} is gone." for draft in before if draft.key not in kept]
    for draft in after:
        if draft.key in known:
            found += _changes(known[draft.key], draft, conditions, labels)
        else:
            found.append(f"{draft.name} is new: {'; '.join(_conditions(draft, conditions))}.")
    return [*found, *_order(before, after)]


def _changes(one: Any, other: Any, conditions: Mapping[str, str], labels: Mapping[str, str]) -> Iterator[str]:
    if one.name != other.name:
        yield f"{one.name} is now called {other.name}."
    for field in fields(other):
        old, new = getattr(one, field.name), getattr(other, field.name)
        if field.name in OWN or _plain(old) == _plain(new):
            continue
        if field.name in conditions:
            yield f"{other.name} {conditions[field.name]} {_words(new)}; before: {_words(old)}."
        else:
            yield f"{other.name}: {_told(labels[field.name], old, new)}."


def _order(before: Sequence[Any], after: Sequence[Any]) -> Iterator[str]:
    one, other = [draft.key for draft in before], [draft.key for draft in after]
    common = {*one} & {*other}
    if [key for key in one if key in common] != [key for key in other if key in common]:
        yield f"Now in this order: {', '.join(draft.name for draft in after)}."


def _conditions(draft: Any, conditions: Mapping[str, str]) -> Iterator[str]:
    return (f"it {says} {_words(getattr(draft, name))}" for name, says in conditions.items() if getattr(draft, name))


def _words(condition: Any) -> str:
    if condition is None:
        return "nothing is asked"
    try:
        return f"“{in_words(condition)}”"
    except ConditionRefused:
        return "something that nobody can tell any more"


def _told(label: str, old: Any, new: Any) -> str:
    values = [_value(old), _value(new)]
    is_short = all(value is not None and len(value) <= LONG for value in values)
    return f"{label} {values[0]} became {values[1]}" if is_short else f"{label} changed"


def _value(value: Any) -> str | None:
    """A value in a few words; None where it is none that a sentence can hold."""
    if value is None or value == "":
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if isinstance(value, (str, int)) else None


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, (list, tuple)) else value
