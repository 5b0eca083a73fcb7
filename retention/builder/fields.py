"""A condition in a form: a field whose value is the condition, and the builder as its widget."""

import copy
import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from retention.builder.places import MOST, beside, told
from retention.conditions.catalogue import UNDECLARED
from retention.conditions.check import problems
from retention.conditions.json_text import read
from retention.conditions.language import FactType
from retention.conditions.refusal import ConditionRefused, Problem
from retention.evaluation.rules import catalogue

EMPTY = "Put at least one comparison in it."


class ConditionWidget(forms.Textarea):
    """The condition builder. The text beneath it holds the condition as JSON, and is what the form sends."""

    template_name = "retention/builder/widget.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"rows": 8, "spellcheck": "false", **(attrs or {})})
        self.problems: list[Problem] = []
        self.allow_held_for = True
        self.counts = True
        self.fields: list[str] | None = None

    def __deepcopy__(self, memo: dict[int, Any]) -> "ConditionWidget":
        found = copy.copy(self)  # of one form: what is wrong with one condition is no other's business
        found.attrs, found.problems = self.attrs.copy(), []
        memo[id(self)] = found
        return found

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["builder"] = {
            "problems": json.dumps([beside(one) for one in self.problems[:MOST]]),
            "fields": None if self.fields is None else json.dumps(self.fields),
            "holds": self.allow_held_for,
            "counts": self.counts and self.fields is None,
        }
        return context


class ConditionField(forms.Field):
    """A condition over facts. Its value is the condition as stored JSON; None where it was left empty.

    With `fields`, the condition is over what an event or a signal says of itself, which no catalogue declares; these
    names are suggested. Without `counts` the builder does not say how many accounts match now.
    """

    widget = ConditionWidget
    default_error_messages = {"required": EMPTY}

    def __init__(
        self,
        *,
        allow_held_for: bool = True,
        counts: bool = True,
        fields: list[str] | None = None,
        facts: Mapping[str, FactType] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.allow_held_for = allow_held_for and fields is None
        self.facts = facts
        self.widget.allow_held_for = self.allow_held_for
        self.widget.counts = counts
        self.names = self.widget.fields = fields

    def prepare_value(self, value: Any) -> Any:
        """The condition as text; what was typed stays as it was typed."""
        if value is None or isinstance(value, str):
            return value or ""
        return json.dumps(value, ensure_ascii=False, indent=2)

    def to_python(self, value: Any) -> dict[str, Any] | None:
        text = str(value or "").strip()
        if not text:
            return None
        source: Any = None
        try:
            source = read(text)
        except ConditionRefused as refused:
            self._refuse(refused.problems, None)
        if source is None:
            return None
        if found := problems(source, self._facts(), allow_held_for=self.allow_held_for):
            self._refuse(found, source)
        return source

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return initial != (read(data) if str(data or "").strip() else None)
        except ConditionRefused:
            return True

    def _facts(self) -> Mapping[str, FactType]:
        if self.facts is not None:
            return self.facts
        return catalogue() if self.names is None else UNDECLARED

    def _refuse(self, found: list[Problem], source: object) -> None:
        self.widget.problems = found
        raise ValidationError(told(found, source), code="condition")
