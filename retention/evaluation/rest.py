"""Reasons on the REST API: the clauses that decided, with what was observed, for machines and for people."""

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.facts.api import VALUE
from retention.evaluation.reading import read, sentence


@extend_schema_field(VALUE)
class ObservedField(serializers.JSONField):
    """The value of a fact as it was seen; null where it was unknown."""


@extend_schema_field({"description": "What it is compared with; missing where the operator takes nothing."})
class OperandField(serializers.JSONField):
    """The value of a clause as its author wrote it."""


@extend_schema_field(
    {"type": "object", "additionalProperties": True, "description": "A condition over facts, as its author wrote it."}
)
class ConditionField(serializers.JSONField):
    """A condition of the condition language."""


class ClauseSerializer(serializers.Serializer):
    """One comparison that decided."""

    fact = serializers.CharField(help_text="Key of the fact.")
    label = serializers.CharField(help_text="Name of the fact.")  # type: ignore[assignment]
    operator = serializers.CharField()
    value = OperandField(required=False)
    observed = ObservedField()
    truth = serializers.BooleanField(allow_null=True, help_text="true, false, or null: could not tell.")
    rule = serializers.CharField(help_text="The comparison in words.")
    observed_text = serializers.CharField(help_text="What was seen, as people write it.")


class EvidenceSerializer(serializers.Serializer):
    """Why: a sentence, and the comparisons behind it."""

    sentence = serializers.CharField()
    clauses = ClauseSerializer(many=True)


def evidence(clauses: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Stored clauses in the shape of `EvidenceSerializer`."""
    told = [
        {"label": reading.label, "rule": reading.rule, "observed_text": reading.observed} | clause
        for clause, reading in zip(clauses, read(clauses), strict=True)
    ]
    return {"sentence": sentence(clauses), "clauses": told}
