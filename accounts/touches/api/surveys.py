from typing import Any

from django.db import models
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.foundation.clock import now
from accounts.foundation.scope import Area
from accounts.portfolio.models import Account
from accounts.team.filters import InstantFilter
from accounts.team.rest import KeyField, Listed, NumberedViewSet, Strict
from accounts.touches import services
from accounts.touches.api.fields import StakeholderField, conflicts
from accounts.touches.models import SurveyResponse


class SurveyResponseSerializer(serializers.ModelSerializer):
    """One answer to a survey."""

    account = serializers.CharField(source="account.key", read_only=True)
    stakeholder = serializers.IntegerField(
        source="stakeholder_id", allow_null=True, read_only=True, help_text="Id of whoever answered."
    )
    loop_closed_by = serializers.CharField(
        source="loop_closed_by.username", allow_null=True, read_only=True, help_text="Username."
    )
    source = serializers.CharField(  # type: ignore[assignment]
        source="source.key", allow_null=True, read_only=True, help_text="Key of the system that told it."
    )

    class Meta:
        model = SurveyResponse
        fields = [
            "id",
            "account",
            "stakeholder",
            "kind",
            "score",
            "comment",
            "asked_at",
            "received_at",
            "loop_closed_at",
            "loop_closed_by",
            "source",
            "external_id",
        ]
        read_only_fields = fields


class SurveyResponseDraft(Strict, serializers.ModelSerializer):
    """An answer to a survey."""

    account = KeyField(Account, help_text="Key of the account.")
    stakeholder = StakeholderField(required=False, allow_null=True)
    score = serializers.IntegerField(min_value=0, max_value=10, help_text="NPS: 0 to 10. CSAT: 1 to 5.")
    received_at = serializers.DateTimeField(required=False, help_text="Now where left out.")

    class Meta:
        model = SurveyResponse
        fields = ["account", "stakeholder", "kind", "score", "comment", "asked_at", "received_at"]


class SurveyResponseFilters(filters.FilterSet):
    account = filters.CharFilter("account__key", label="Key of the account.")
    kind = filters.ChoiceFilter(choices=SurveyResponse.Kind.choices, label="Kind of survey.")
    after = InstantFilter("received_at", lookup_expr="gt", label="Received after this instant.")
    before = InstantFilter("received_at", lookup_expr="lt", label="Received before this instant.")


ANSWER = OpenApiExample(
    "An NPS answer",
    request_only=True,
    value={"account": "northwind-traders", "kind": "nps", "score": 9, "comment": "Saves us a day a week."},
)


class SurveyResponseViewSet(Listed, NumberedViewSet):
    """Answers to surveys, newest first."""

    area = Area.ACCOUNTS
    queryset: models.QuerySet[Any] = SurveyResponse.objects.select_related("account", "loop_closed_by", "source")
    serializer_class = SurveyResponseSerializer
    filterset_class = SurveyResponseFilters
    order = "-received_at"

    @extend_schema(request=SurveyResponseDraft, responses={201: SurveyResponseSerializer}, examples=[ANSWER])
    def create(self, request: Request) -> Response:
        """Records an answer."""
        values = self.body(SurveyResponseDraft)
        response = services.record_survey(values.pop("account"), by=self.caller, at=now(), **values)
        return self.answer(response, code=201)

    @extend_schema(request=None, responses=SurveyResponseSerializer)
    @action(detail=True, methods=["post"], url_path="close-loop")
    def close_loop(self, request: Request, id: str) -> Response:  # noqa: A002
        """Notes that somebody of us got back to whoever answered."""
        response = self.get_object()
        with conflicts():
            return self.answer(services.close_loop(response, by=self.caller, at=now()))
