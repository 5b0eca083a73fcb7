"""Lifecycles, where accounts stand in them, and how they moved, on the REST API."""

from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Prefetch
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin

from accounts.foundation.scope import Area
from accounts.team.filters import InstantFilter
from accounts.team.rest import Listed, NumberedViewSet, ScopedViewSet
from retention.evaluation.models import Edge
from retention.evaluation.rest import ConditionField, EvidenceSerializer, evidence
from retention.lifecycle.models import AccountStage, Lifecycle, LifecycleVersion, Stage, StageChange


def _published() -> models.QuerySet[Any]:
    """The version of each lifecycle that is in force."""
    newer = LifecycleVersion.objects.filter(lifecycle=OuterRef("lifecycle"), number__gt=OuterRef("number"))
    return LifecycleVersion.objects.filter(~Exists(newer)).prefetch_related("stages")


class StageSerializer(serializers.ModelSerializer):
    """One stage: an account is in the last one whose criteria hold."""

    enter = ConditionField(read_only=True)
    leave = ConditionField(read_only=True, allow_null=True)
    raci = serializers.DictField(
        child=serializers.CharField(), read_only=True, help_text="Function → its part: A, R, AR, C or I."
    )

    class Meta:
        model = Stage
        fields = ["key", "name", "meaning", "is_passing", "enter", "enter_after_days", "leave", "leave_after_days"]
        fields += ["raci", "normal_days", "behind_days", "stuck_days", "pace_from"]
        read_only_fields = fields


class LifecycleSerializer(serializers.ModelSerializer):
    """A named sequence of stages, as its latest version says."""

    version = serializers.SerializerMethodField(help_text="Number of the version in force.")
    stages = serializers.SerializerMethodField()

    class Meta:
        model = Lifecycle
        fields = ["key", "name", "is_primary", "version", "stages"]
        read_only_fields = fields

    def get_version(self, lifecycle: Lifecycle) -> int | None:
        return next((version.number for version in lifecycle.versions.all()), None)

    @extend_schema_field(StageSerializer(many=True))
    def get_stages(self, lifecycle: Lifecycle) -> Any:
        stages = [stage for version in lifecycle.versions.all() for stage in version.stages.all()]
        return StageSerializer(stages, many=True).data


class LifecycleViewSet(Listed, ScopedViewSet):
    """Lifecycles with their stages and criteria."""

    area = Area.DEFINITIONS
    queryset = Lifecycle.objects.prefetch_related(Prefetch("versions", queryset=_published()))
    serializer_class = LifecycleSerializer


def _stage(source: str) -> serializers.CharField:
    return serializers.CharField(
        source=f"{source}.key", allow_null=True, read_only=True, help_text="Key of the stage; null for none."
    )


class AccountStageSerializer(serializers.ModelSerializer):
    """Where one account stands in one lifecycle now."""

    account = serializers.CharField(source="account.key", read_only=True)
    lifecycle = serializers.CharField(source="lifecycle.key", read_only=True)
    stage = _stage("stage")
    reached = _stage("reached")

    class Meta:
        model = AccountStage
        fields = ["account", "lifecycle", "stage", "reached", "since"]
        read_only_fields = fields


class AccountStageFilters(filters.FilterSet):
    account = filters.CharFilter("account__key", label="Key of the account.")
    lifecycle = filters.CharFilter("lifecycle__key", label="Key of the lifecycle.")
    stage = filters.CharFilter("stage__key", label="Key of the stage.")


class AccountStageViewSet(ListModelMixin, ScopedViewSet):
    """Where accounts stand. `reached` is kept while a passing stage such as renewal is on top."""

    area = Area.ACCOUNTS
    queryset = AccountStage.objects.select_related("account", "lifecycle", "stage", "reached")
    serializer_class = AccountStageSerializer
    filterset_class = AccountStageFilters


class EvidenceOfMove(EvidenceSerializer):
    """Why an account moved: a sentence, and the comparisons behind it."""

    def get_attribute(self, change: StageChange) -> dict[str, Any] | None:
        """The evidence of a change, in this shape."""
        return evidence(change.edge.clauses) if change.edge else None


class StageChangeSerializer(serializers.ModelSerializer):
    """One move of an account from a stage to another, with its evidence."""

    account = serializers.CharField(source="account.key", read_only=True)
    lifecycle = serializers.CharField(source="lifecycle.key", read_only=True)
    from_stage = _stage("from_stage")
    to_stage = _stage("to_stage")
    evidence = EvidenceOfMove(read_only=True, allow_null=True, help_text="Null where a change of the rules moved it.")

    class Meta:
        model = StageChange
        fields = ["id", "account", "lifecycle", "from_stage", "to_stage", "at", "cause", "evidence"]
        read_only_fields = fields


class StageChangeFilters(filters.FilterSet):
    account = filters.CharFilter("account__key", label="Key of the account.")
    lifecycle = filters.CharFilter("lifecycle__key", label="Key of the lifecycle.")
    to_stage = filters.CharFilter("to_stage__key", label="Key of the stage moved to.")
    cause = filters.ChoiceFilter(choices=Edge.Cause.choices, label="What caused the move.")
    after = InstantFilter("at", lookup_expr="gt", label="Moved after this instant.")
    before = InstantFilter("at", lookup_expr="lt", label="Moved before this instant.")


class StageChangeViewSet(Listed, NumberedViewSet):
    """Moves between stages, newest first."""

    area = Area.ACCOUNTS
    queryset = StageChange.objects.select_related("account", "lifecycle", "from_stage", "to_stage", "edge")
    serializer_class = StageChangeSerializer
    filterset_class = StageChangeFilters
    order = "-at"


ROUTES = {
    "lifecycles": LifecycleViewSet,
    "account-stages": AccountStageViewSet,
    "stage-changes": StageChangeViewSet,
}
