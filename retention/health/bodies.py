"""Health models as programs send them over the REST API."""

from typing import Any

from rest_framework import serializers

from accounts.foundation.keys import KEY_LENGTH
from accounts.team.rest import Strict
from retention.health.drafts import CapDraft, HealthDraft, MeasureDraft
from retention.health.models import Basis, HealthMeasure

KEY: dict[str, Any] = {"max_length": KEY_LENGTH}
SHARE: dict[str, Any] = {"min_value": 0, "max_value": 100}


class MeasureBody(Strict):
    """One thing that counts, how its facts become points, and what happens without a value."""

    key = serializers.SlugField(**KEY)
    name = serializers.CharField(max_length=120)
    weight = serializers.IntegerField(**SHARE)
    scale = serializers.DictField(help_text="How facts become points from 0 to 100.")
    missing = serializers.ChoiceField(HealthMeasure.Missing.choices, default=HealthMeasure.Missing.EXCLUDE)
    worst_where = serializers.DictField(
        allow_null=True, default=None, help_text="A condition: where it is true, a missing value counts as the worst."
    )
    basis = serializers.ChoiceField(Basis.choices, default=Basis.PRACTICE)


class CapBody(Strict):
    """The most that a score can be while a condition is true."""

    key = serializers.SlugField(**KEY)
    name = serializers.CharField(max_length=120)
    when = serializers.DictField(help_text="A condition; see the guide to conditions.")
    at_most = serializers.IntegerField(**SHARE)
    basis = serializers.ChoiceField(Basis.choices, default=Basis.PRACTICE)


class HealthBody(Strict):
    """A health model, whole: measures and caps that are left out are gone."""

    key = serializers.SlugField(**KEY)
    name = serializers.CharField(max_length=120)
    meaning = serializers.CharField(max_length=250, default="", allow_blank=True)
    applies = serializers.DictField(help_text="A condition: which accounts are scored by it.")
    precedence = serializers.IntegerField(min_value=0, max_value=1000, help_text="Of two that apply, the lower counts.")
    measures = MeasureBody(many=True, max_length=50)  # type: ignore[call-arg]
    caps = CapBody(many=True, max_length=50, default=list)  # type: ignore[call-arg]
    contradiction = serializers.DictField(
        allow_null=True, default=None, help_text="Which measures contradict each other, and what is done about it."
    )
    green_from = serializers.IntegerField(default=75, **SHARE)
    amber_from = serializers.IntegerField(default=50, **SHARE)
    enough_percent = serializers.IntegerField(default=60, **SHARE)
    margin_points = serializers.IntegerField(default=3, min_value=0, max_value=50)
    margin_days = serializers.IntegerField(default=3, min_value=1, max_value=60)
    confirmed = serializers.BooleanField(
        default=False, help_text="True once somebody agreed that much of the book comes into another band."
    )


def drafted(values: dict[str, Any]) -> HealthDraft:
    """The draft that a checked body describes; takes its fields out of `values`."""
    measures = [MeasureDraft(**one) for one in values.pop("measures")]
    caps = [CapDraft(**one) for one in values.pop("caps")]
    plain = {name: values.pop(name) for name in list(values) if name in HealthDraft.__dataclass_fields__}
    return HealthDraft(measures=measures, caps=caps, **plain)
