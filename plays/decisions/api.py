"""Decisions of plays on the REST API."""

from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.foundation.scope import Area
from accounts.team.filters import InstantFilter
from accounts.team.rest import Listed, NumberedViewSet
from plays.decisions.models import Decision
from retention.evaluation.rest import EvidenceSerializer, evidence


class DecisionSerializer(serializers.ModelSerializer):
    """What a play decided about one occurrence at one account, and on what evidence."""

    play = serializers.CharField(source="play.key", read_only=True)
    version = serializers.IntegerField(source="version.number", read_only=True)
    account = serializers.CharField(source="account.key", read_only=True)
    detail = serializers.CharField(read_only=True, help_text="Why it did not start; empty where it did.")
    reason = serializers.SerializerMethodField()
    started_by = serializers.CharField(
        source="by.username",
        allow_null=True,
        read_only=True,
        help_text="Who started it by hand; null where nobody did.",
    )
    started_because = serializers.CharField(source="reason", read_only=True, help_text="Why they did.")

    class Meta:
        model = Decision
        fields = ["id", "play", "version", "account", "occurrence_key", "outcome", "detail", "at", "reason"]
        fields += ["started_by", "started_because"]
        read_only_fields = fields

    @extend_schema_field(EvidenceSerializer)
    def get_reason(self, decision: Decision) -> Any:
        return evidence(decision.clauses)


class DecisionFilters(filters.FilterSet):
    play = filters.CharFilter("play__key", label="Key of the play.")
    account = filters.CharFilter("account__key", label="Key of the account.")
    outcome = filters.ChoiceFilter(choices=Decision.Outcome.choices, label="What was decided.")
    after = InstantFilter("at", lookup_expr="gt", label="Decided after this instant.")
    before = InstantFilter("at", lookup_expr="lt", label="Decided before this instant.")


class DecisionViewSet(Listed, NumberedViewSet):
    """What plays decided, newest first: what started, and what did not and why."""

    area = Area.RUNS
    queryset = Decision.objects.select_related("play", "version", "account", "by")
    serializer_class = DecisionSerializer
    filterset_class = DecisionFilters
    order = "-at"


ROUTES = {"decisions": DecisionViewSet}
