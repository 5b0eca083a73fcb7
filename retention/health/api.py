"""Health models, how healthy accounts are, the history, and overrides, on the REST API."""

from typing import Any

from django.core.exceptions import ValidationError as Invalid
from django.db import models
from django.db.models import Exists, OuterRef, Prefetch
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.foundation.clock import now
from accounts.foundation.scope import Area
from accounts.portfolio.models import Account
from accounts.team.filters import FlagFilter, InstantFilter
from accounts.team.rest import Conflict, KeyField, Listed, NumberedViewSet, ScopedViewSet, Strict
from retention.evaluation.rest import ConditionField
from retention.health import overriding
from retention.health.bodies import HealthBody, drafted
from retention.health.drafts import HealthDraft
from retention.health.models import (
    AccountHealth,
    Band,
    HealthCap,
    HealthMeasure,
    HealthModel,
    HealthModelVersion,
    HealthOverride,
    HealthScore,
)
from retention.health.preview import preview
from retention.health.services import check, publish

OBJECT: dict[str, Any] = {"type": "object", "additionalProperties": True}


@extend_schema_field(OBJECT | {"description": "How facts become points from 0 to 100."})
class ScaleField(serializers.JSONField):
    """A scale as its author wrote it."""


@extend_schema_field(OBJECT | {"description": "Measures with points, caps that held, the score without them."})
class PartsField(serializers.JSONField):
    """What the history keeps of a score."""


@extend_schema_field(OBJECT | {"description": "Which measures contradict each other, and what is done about it."})
class ContradictionField(serializers.JSONField):
    """What counts as mixed signals."""


class HealthMeasureSerializer(serializers.ModelSerializer):
    """One thing that counts."""

    scale = ScaleField(read_only=True)
    worst_where = ConditionField(read_only=True, allow_null=True)

    class Meta:
        model = HealthMeasure
        fields = ["key", "name", "weight", "scale", "missing", "worst_where", "basis"]
        read_only_fields = fields


class HealthCapSerializer(serializers.ModelSerializer):
    """The most that a score can be while a condition is true."""

    when = ConditionField(read_only=True)

    class Meta:
        model = HealthCap
        fields = ["key", "name", "at_most", "when", "basis"]
        read_only_fields = fields


class HealthVersionSerializer(serializers.ModelSerializer):
    """What a health model says since it was published."""

    applies = ConditionField(read_only=True)
    contradiction = ContradictionField(read_only=True, allow_null=True)
    measures = HealthMeasureSerializer(many=True, read_only=True)
    caps = HealthCapSerializer(many=True, read_only=True)

    class Meta:
        model = HealthModelVersion
        fields = [
            *("number", "published_at", "applies", "precedence", "green_from", "amber_from", "enough_percent"),
            *("margin_points", "margin_days", "measures", "caps", "contradiction"),
        ]
        read_only_fields = fields


class HealthModelSerializer(serializers.ModelSerializer):
    """One way to score accounts, as its latest version says."""

    version = serializers.SerializerMethodField()

    class Meta:
        model = HealthModel
        fields = ["key", "name", "meaning", "version"]
        read_only_fields = fields

    @extend_schema_field(HealthVersionSerializer(allow_null=True))
    def get_version(self, model: HealthModel) -> Any:
        latest = next(iter(model.versions.all()), None)
        return HealthVersionSerializer(latest).data if latest else None


def _published() -> models.QuerySet[Any]:
    """The version of each model that is in force."""
    newer = HealthModelVersion.objects.filter(model=OuterRef("model"), number__gt=OuterRef("number"))
    return HealthModelVersion.objects.filter(~Exists(newer)).prefetch_related("measures", "caps")


class HealthModelViewSet(Listed, ScopedViewSet):
    """Health models with measures, weights, bands and caps."""

    area = Area.DEFINITIONS
    queryset = HealthModel.objects.prefetch_related(Prefetch("versions", queryset=_published()))
    serializer_class = HealthModelSerializer

    @extend_schema(request=HealthBody, responses={200: HealthModelSerializer})
    def create(self, request: Request) -> Response:
        """Publishes a version, unless it says what is in force. What it moves fires nothing.

        400 with the numbers under `confirmed` where much of the book would come into another band.
        """
        values = self.body(HealthBody)
        confirmed, draft = values.pop("confirmed"), drafted(values)
        check(draft)
        if not confirmed and (asked := self._questions(draft, values["key"])):
            raise ValidationError({"confirmed": asked})
        return self.answer(publish(draft, **values, by=self.caller, at=now()).model)

    def _questions(self, draft: HealthDraft, key: str) -> list[str]:
        model = HealthModel.objects.filter(key=key).first()
        return preview(draft, model, user=self.caller, at=now()).questions if model else []


class _Scored(serializers.ModelSerializer):
    account = serializers.CharField(source="account.key", read_only=True)
    model = serializers.CharField(
        source="version.model.key", allow_null=True, read_only=True, default=None, help_text="Key of the health model."
    )
    version = serializers.IntegerField(source="version.number", allow_null=True, read_only=True, default=None)


class AccountHealthSerializer(_Scored):
    """How healthy one account is now. `computed_band` follows from the score; `band` counts."""

    class Meta:
        model = AccountHealth
        fields = [
            *("account", "model", "version", "score", "known_share", "band", "computed_band", "band_since"),
            *("outside_since", "is_mixed", "capped_by", "scored_at"),
        ]
        read_only_fields = fields


class AccountHealthFilters(filters.FilterSet):
    account = filters.CharFilter("account__key", label="Key of the account.")
    band = filters.ChoiceFilter(choices=Band.choices, label="The band that counts.")
    computed_band = filters.ChoiceFilter(choices=Band.choices, label="The band that follows from the score.")
    model = filters.CharFilter("version__model__key", label="Key of the health model.")
    mixed = FlagFilter("is_mixed", label="Whether measures contradict each other.")


class AccountHealthViewSet(ListModelMixin, ScopedViewSet):
    """How healthy accounts are now."""

    area = Area.ACCOUNTS
    queryset = AccountHealth.objects.select_related("account", "version__model")
    serializer_class = AccountHealthSerializer
    filterset_class = AccountHealthFilters


class HealthScoreSerializer(_Scored):
    """What an account scored from an instant on, and why it differs from before."""

    parts = PartsField(read_only=True)

    class Meta:
        model = HealthScore
        fields = [
            *("id", "account", "at", "model", "version", "score", "known_share", "band", "computed_band"),
            *("data_change", "configuration_change", "parts"),
        ]
        read_only_fields = fields


class HealthScoreFilters(filters.FilterSet):
    account = filters.CharFilter("account__key", label="Key of the account.")
    band = filters.ChoiceFilter(choices=Band.choices, label="The band that counted.")
    after = InstantFilter("at", lookup_expr="gt", label="Scored after this instant.")
    before = InstantFilter("at", lookup_expr="lt", label="Scored before this instant.")


class HealthScoreViewSet(Listed, NumberedViewSet):
    """Scores as they were, newest first: a row a day at most, and one for each change of band or version."""

    area = Area.ACCOUNTS
    queryset = HealthScore.objects.select_related("account", "version__model")
    serializer_class = HealthScoreSerializer
    filterset_class = HealthScoreFilters
    order = "-at"


class HealthOverrideSerializer(serializers.ModelSerializer):
    """A band that a person set for one account, for a while."""

    account = serializers.CharField(source="account.key", read_only=True)
    until_on = serializers.DateField(read_only=True, help_text="The last day on which it counts.")
    made_by = serializers.CharField(source="made_by.username", allow_null=True, read_only=True, default=None)
    ended_by = serializers.CharField(source="ended_by.username", allow_null=True, read_only=True, default=None)

    class Meta:
        model = HealthOverride
        fields = [
            *("id", "account", "band", "reason", "from_on", "until_on", "made_at", "made_by", "ended_at", "ended_by"),
        ]
        read_only_fields = fields


class Overriding(Strict):
    """What counts for a while, and why."""

    account = KeyField(Account, help_text="Key of the account.")
    band = serializers.ChoiceField([choice for choice in Band.choices if choice[0] != Band.INSUFFICIENT])
    reason = serializers.CharField(max_length=1000, help_text="Why: whoever looks at the account next reads it.")
    until_on = serializers.DateField(help_text="The last day on which it counts, at most 60 days from today.")


class HealthOverrideFilters(filters.FilterSet):
    account = filters.CharFilter("account__key", label="Key of the account.")
    band = filters.ChoiceFilter(choices=Band.choices, label="The band that was set.")
    ended = FlagFilter("ended_at", lookup_expr="isnull", exclude=True, label="Whether somebody ended it.")


class HealthOverrideViewSet(Listed, NumberedViewSet):
    """Overrides of health. The computed score stays beside them."""

    area = Area.ACCOUNTS
    queryset = HealthOverride.objects.select_related("account", "made_by", "ended_by")
    serializer_class = HealthOverrideSerializer
    filterset_class = HealthOverrideFilters
    order = "-made_at"

    @extend_schema(request=Overriding, responses={201: HealthOverrideSerializer})
    def create(self, request: Request) -> Response:
        """Lets a band count for an account, up to and including a day; an earlier override ends."""
        values = self.body(Overriding)
        try:
            made = overriding.override(values.pop("account"), by=self.caller, at=now(), **values)
        except Invalid as refused:
            raise ValidationError(refused.message_dict) from None
        return self.answer(made, code=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=HealthOverrideSerializer)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, id: str) -> Response:  # noqa: A002
        """Lets the computed band count again. 409 where the override is over already."""
        try:
            return self.answer(overriding.end(self.get_object(), by=self.caller, at=now()))
        except Invalid as refused:
            raise Conflict(" ".join(refused.messages)) from None


ROUTES = {
    "health-models": HealthModelViewSet,
    "account-health": AccountHealthViewSet,
    "health-history": HealthScoreViewSet,
    "health-overrides": HealthOverrideViewSet,
}
