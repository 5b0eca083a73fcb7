"""The segments of a dimension that is being edited, a line each: what it is called, whom it takes, and how many."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from accounts.foundation.commands import counted
from retention.evaluation.reading import in_words
from retention.segments.forms import SegmentForm, SegmentForms
from retention.segments.queries import Size

LONGEST = 9
"""Digits from which on a number is the place of nothing."""
REST = "Whoever is in no other segment, because nobody can tell."


@dataclass(frozen=True)
class Line:
    """One segment of the form, folded: the page opens those that somebody works on."""

    number: int
    form: SegmentForm
    name: str
    words: str
    now: int | None
    """Its accounts, of those that the reader may see; None where it is not in force yet."""
    then: int | None
    """How many it would have; None where nobody has looked yet."""
    is_open: bool

    @property
    def is_new(self) -> bool:
        """Whether it is the empty form of a segment that is not there yet."""
        return not self.name and not self.form["key"].value()

    @property
    def is_spare(self) -> bool:
        """Whether it has no place in the order yet: it is there in case that one more is needed."""
        return self.is_new and self.form["place"].value() in (None, "")

    @property
    def count(self) -> str:
        """How many accounts are in it, and how many would be where that differs."""
        if self.now is None and self.then is None:
            return ""
        if self.then is None or self.then == self.now:
            return counted(self.now or 0, "account")
        then = counted(self.then, "account")
        return then if self.now is None else f"{self.now} → {then}"

    @property
    def is_changed(self) -> bool:
        """Whether it would have more or fewer accounts than now."""
        return self.then is not None and self.then != self.now


def lines(
    segments: SegmentForms, now: Mapping[str, Size], then: Mapping[str, Size] | None, *, opened: str | None = None
) -> list[Line]:
    """A line for each form in their order, with sizes as they are, and as they would be; opens the one of that key."""
    keys = {form.prefix: key for key, form in segments.keyed()} if then is not None else {}
    found = [
        Line(
            number=number,
            form=form,
            name=form["name"].value() or "",
            words=_words(form),
            now=now[form["key"].value()].accounts if form["key"].value() in now else None,
            then=then[keys[form.prefix]].accounts if then is not None and keys.get(form.prefix) in then else None,
            is_open=_is_worked_on(form) or bool(opened and form["key"].value() == opened) or _is_first(form),
        )
        for number, form in enumerate(segments.forms, 1)
    ]
    return sorted(found, key=lambda one: (one.is_spare, _place(one.form)))


def in_trouble(found: Iterable[Line]) -> list[Line]:
    """The lines in which something is wrong."""
    return [one for one in found if one.form.errors]


def whom(condition: Any) -> str:
    """Whom a segment takes, as a sentence."""
    return REST if condition is None else f"{in_words(condition)}."


def _is_worked_on(form: SegmentForm) -> bool:
    return form.is_bound and bool(form.errors or set(form.changed_data) - {"place"})


def _is_first(form: SegmentForm) -> bool:
    """Whether it is one that every new dimension needs, and nobody has begun it."""
    return not form.is_bound and "place" in form.initial and not form.initial["name"]


def _place(form: SegmentForm) -> float:
    told = str(form["place"].value())
    return int(told) if told.isdecimal() and len(told) < LONGEST else math.inf


def _words(form: SegmentForm) -> str:
    if not form.is_bound:
        return whom(form.initial.get("condition"))
    return "Its condition is not right yet." if "condition" in form.errors else whom(form.cleaned_data["condition"])
