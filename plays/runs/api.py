"""Runs of plays on the REST API."""

from typing import Any

from django.db.models import Prefetch
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.foundation.scope import Area
from accounts.team.filters import InstantFilter
from accounts.team.rest import Listed, NumberedViewSet
from plays.runs.models import Run, StepRun
from retention.evaluation.rest import EvidenceSerializer, evidence


class StepRunSerializer(serializers.ModelSerializer):
    """One step of a run: due, in somebody's hands, or done."""

    key = serializers.CharField(source="definition.key", read_only=True)
    kind = serializers.CharField(source="definition.kind", read_only=True)
    work_item = serializers.IntegerField(
        source="work_item_id", allow_null=True, read_only=True, help_text="Id of the work item it opened."
    )

    class Meta:
        model = StepRun
        fields = ["key", "kind", "state", "started_at", "ended_at", "work_item"]
        read_only_fields = fields


class RunSerializer(serializers.ModelSerializer):
    """One attempt to carry out a play for one account, with the reason why it started."""

    play = serializers.CharField(source="play.key", read_only=True)
    version = serializers.IntegerField(source="version.number", read_only=True)
    account = serializers.CharField(source="account.key", read_only=True)
    decision = serializers.IntegerField(source="decision_id", read_only=True)
    reason = serializers.SerializerMethodField()
    steps = StepRunSerializer(many=True, read_only=True)

    class Meta:
        model = Run
        fields = [
            "id",
            "play",
            "version",
            "account",
            "decision",
            "occurrence_key",
            "state",
            "started_at",
            "ended_at",
            "reason",
            "steps",
        ]
        read_only_fields = fields

    @extend_schema_field(EvidenceSerializer)
    def get_reason(self, run: Run) -> Any:
        return evidence(run.decision.clauses)


class RunFilters(filters.FilterSet):
    play = filters.CharFilter("play__key", label="Key of the play.")
    account = filters.CharFilter("account__key", label="Key of the account.")
    state = filters.ChoiceFilter(choices=Run.State.choices, label="State of the run.")
    after = InstantFilter("started_at", lookup_expr="gt", label="Started after this instant.")
    before = InstantFilter("started_at", lookup_expr="lt", label="Started before this instant.")


class RunViewSet(Listed, NumberedViewSet):
    """Runs, newest first."""

    area = Area.RUNS
    queryset = Run.objects.select_related("play", "version", "account", "decision").prefetch_related(
        Prefetch("steps", queryset=StepRun.objects.select_related("definition").order_by("definition__position"))
    )
    serializer_class = RunSerializer
    filterset_class = RunFilters
    order = "-started_at"


ROUTES = {"runs": RunViewSet}
