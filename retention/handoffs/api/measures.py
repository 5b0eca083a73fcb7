"""The measures of onboarding on the REST API, as the page of the console shows them."""

from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.foundation.clock import now
from accounts.foundation.scope import Area
from accounts.team.rest import ScopedViewSet, Whole
from retention.handoffs import measures
from retention.handoffs.measures import PERIODS, USUAL
from retention.handoffs.models import Handoff, ItemReturn

SHARE: dict[str, Any] = {"allow_null": True, "help_text": "From 0 to 1; null where none has come to its end."}


class PaceSerializer(serializers.Serializer):
    """How long something took from the win on; who is not done yet counts as at least so long (Kaplan-Meier)."""

    median_days = serializers.FloatField(source="median", allow_null=True, help_text="Null: not half are done.")
    p90_days = serializers.FloatField(source="p90", allow_null=True, help_text="Null: not nine in ten are done.")
    done = serializers.IntegerField()
    open = serializers.IntegerField()
    left = serializers.IntegerField(help_text="Stopped paying before; they never will be done.")


class ReturnCountSerializer(serializers.Serializer):
    """How often items were returned for one reason."""

    reason = serializers.ChoiceField(choices=ItemReturn.Reason.choices)
    count = serializers.IntegerField()


class OnboardingSerializer(serializers.Serializer):
    """How onboarding goes, of all new customers or of one group."""

    group = serializers.CharField(source="name")
    won = serializers.IntegerField()
    to_accepted = PaceSerializer(source="accepted")
    to_onboarded = PaceSerializer(source="onboarded")
    to_first_value = PaceSerializer(source="first_value")
    clocks = serializers.IntegerField(help_text="Clocks that were stopped or ran out.")
    clocks_running = serializers.IntegerField(source="running")
    clocks_kept = serializers.FloatField(source="adherence", **SHARE)
    clocks_kept_as_promised = serializers.FloatField(source="adherence_as_promised", **SHARE)
    returns_per_handoff = serializers.FloatField(source="loops", allow_null=True)
    reasons = ReturnCountSerializer(many=True)
    first_value_due = serializers.IntegerField(source="due", help_text="Customers whose day for it is over.")
    first_value_in_time = serializers.FloatField(source="first_value_share", **SHARE)
    handoffs = serializers.SerializerMethodField(help_text="Numbers of the handoffs that are counted.")

    def get_handoffs(self, group: measures.Group) -> list[int]:
        return [one.pk for one in group.cases]


class MeasureFilters(filters.FilterSet):
    """The parameters that are known; they narrow nothing by themselves."""

    by = filters.CharFilter(method="keep", label="ae, source, or the key of a dimension; left out: all together.")
    days = filters.CharFilter(method="keep", label="Won in the last so many days; 0: ever.")

    def keep(self, rows: Any, name: str, value: str) -> Any:
        """All of them: the measures read it."""
        return rows


DAYS = OpenApiParameter(
    "days", OpenApiTypes.INT, description="Won in the last so many days: 30, 90, 180, 365, or 0 for ever."
)
BY = OpenApiParameter("by", OpenApiTypes.STR, description="ae, source, or a dimension's key; left out: all together.")


class OnboardingMeasureViewSet(ScopedViewSet):
    """How soon, how punctually and how often back and forth new customers are onboarded."""

    area = Area.WORK
    queryset = Handoff.objects.all()
    serializer_class = OnboardingSerializer
    pagination_class = Whole
    filterset_class = MeasureFilters

    @extend_schema(responses=OnboardingSerializer(many=True), parameters=[DAYS, BY])
    def list(self, request: Request) -> Response:
        """The measures of the period, by group, the largest first."""
        self.filter_queryset(Handoff.objects.none())
        at, (days, by) = now(), self._asked()
        found = measures.cases(self.caller, days=days, grouping=by, at=at)
        rows: Any = measures.measured(found, at=at)
        return Response({"next": None, "results": OnboardingSerializer(rows, many=True).data})

    def _asked(self) -> tuple[int, str]:
        days = self.request.query_params.get("days", str(USUAL))
        by = self.request.query_params.get("by", "")
        if days not in map(str, PERIODS):
            raise ValidationError({"days": [f"Choose one of {', '.join(map(str, PERIODS))}."]})
        if by not in (known := measures.groupings()):
            raise ValidationError({"by": [f"Choose one of {', '.join(filter(None, known))}; or leave it out."]})
        return int(days), by
