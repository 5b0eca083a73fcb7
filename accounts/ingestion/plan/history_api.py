"""Counting earlier events over the REST API: asking for it, and how far it is."""

from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.foundation.clock import now
from accounts.foundation.scope import Area
from accounts.ingestion.models import Feature, HistoryCount, Milestone
from accounts.ingestion.plan import history
from accounts.team.rest import Conflict, KeyField, Listed, NumberedViewSet, Strict


class HistoryCountSerializer(serializers.ModelSerializer):
    """One counting of kept events for a feature or a milestone."""

    feature = serializers.CharField(source="feature.key", allow_null=True, read_only=True, help_text="Its key.")
    milestone = serializers.CharField(source="milestone.key", allow_null=True, read_only=True, help_text="Its key.")
    events = serializers.ListField(
        child=serializers.CharField(), read_only=True, help_text="The event names that are counted."
    )
    state = serializers.ChoiceField(
        HistoryCount.State.choices, read_only=True, help_text="It is `due` until all is counted; `dead` was given up."
    )
    progress = serializers.FloatField(
        read_only=True, help_text="How much of the kept events was looked at, from 0 to 1."
    )

    class Meta:
        model = HistoryCount
        fields = ["id", "feature", "milestone", "events", "state", "progress", "counted", "asked_at", "ended_at"]
        read_only_fields = fields


class HistoryCountDraft(Strict):
    """Which entry of the tracking plan counts its earlier events: a feature or a milestone."""

    feature = KeyField(Feature, scoped=False, required=False, help_text="Key of the feature.")
    milestone = KeyField(Milestone, scoped=False, required=False, help_text="Key of the milestone.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs) != 1:
            raise ValidationError({"feature": "Give a feature or a milestone, and not both."})
        return attrs


class HistoryCountFilters(filters.FilterSet):
    feature = filters.CharFilter("feature__key", label="Key of the feature.")
    milestone = filters.CharFilter("milestone__key", label="Key of the milestone.")
    state = filters.ChoiceFilter(choices=HistoryCount.State.choices, label="How far it is.")


ASK = OpenApiExample("Count what came before", request_only=True, value={"feature": "reports"})


class HistoryCountViewSet(Listed, NumberedViewSet):
    """Counting kept events for a feature or a milestone whose event names were chosen later than they came."""

    area = Area.DEFINITIONS
    queryset = HistoryCount.objects.select_related("feature", "milestone")
    serializer_class = HistoryCountSerializer
    filterset_class = HistoryCountFilters

    @extend_schema(
        request=HistoryCountDraft, responses={200: HistoryCountSerializer, 201: HistoryCountSerializer}, examples=[ASK]
    )
    def create(self, request: Request) -> Response:
        """Asks for it: 201, or 200 where the same is under way already. Counting an event twice changes nothing."""
        [entry] = self.body(HistoryCountDraft).values()
        try:
            count, begins = history.ask(entry, by=self.caller, at=now())
        except history.Gone as gone:
            raise Conflict(str(gone)) from None
        return self.answer(count, code=201 if begins else 200)


ROUTES = {"history-counts": HistoryCountViewSet}
