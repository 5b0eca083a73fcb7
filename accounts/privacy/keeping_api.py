"""Retention periods on the REST API."""

from django.core.exceptions import ValidationError as Invalid
from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.foundation.clock import now
from accounts.foundation.scope import Area
from accounts.keeping import queries, services
from accounts.keeping.models import KeptPeriod
from accounts.team.rest import ScopedViewSet, Strict, Whole

NAME = OpenApiParameter("name", OpenApiTypes.STR, "path")


class RetentionPeriodSerializer(serializers.Serializer):
    """One kind of data that is kept for a time."""

    name = serializers.CharField()
    label = serializers.CharField(source="period.label")  # type: ignore[assignment]
    goes = serializers.CharField(source="period.goes", help_text="What is deleted then, and what stays.")
    days = serializers.IntegerField(help_text="For how long it is kept.")
    usual_days = serializers.IntegerField(source="period.days", help_text="Where nobody decided otherwise.")
    smallest_days = serializers.IntegerField(source="period.smallest")
    largest_days = serializers.IntegerField(source="period.largest")


class RetentionChange(Strict):
    """For how long it is to be kept."""

    days = serializers.IntegerField(min_value=1, max_value=100_000, help_text="Within its bounds.")
    dry_run = serializers.BooleanField(default=False, help_text="True: says what the change would delete, and no more.")


class RetentionPlan(RetentionPeriodSerializer):
    """The period as it is now, and what goes at the next run of its job."""

    goes_at_next_run = serializers.IntegerField(help_text="Rows that are past their time.")


class RetentionPeriodViewSet(ScopedViewSet):
    """For how long data is kept that is kept for a time only."""

    area = Area.SETTINGS
    queryset = KeptPeriod.objects.none()
    serializer_class = RetentionPeriodSerializer
    pagination_class = Whole
    lookup_field = "name"

    @extend_schema(responses=RetentionPeriodSerializer(many=True))
    def list(self, request: Request) -> Response:
        """All of them."""
        self.filter_queryset(self.queryset)
        return Response({"next": None, "results": RetentionPeriodSerializer(queries.lines(), many=True).data})

    @extend_schema(responses=RetentionPeriodSerializer, parameters=[NAME])
    def retrieve(self, request: Request, name: str) -> Response:
        """One of them."""
        return Response(RetentionPeriodSerializer(self._line(name)).data)

    @extend_schema(request=RetentionChange, responses=RetentionPlan, parameters=[NAME])
    def partial_update(self, request: Request, name: str) -> Response:
        """Sets the period, and says how much goes at the next run. What is gone does not come back."""
        self._line(name)
        values, at = self.body(RetentionChange), now()
        try:
            plan = services.plan_period(name, days=values["days"], at=at)
            if not values["dry_run"]:
                services.set_period(name, days=values["days"], by=self.caller, at=at)
        except Invalid as refused:
            raise ValidationError(refused.message_dict) from None
        told = dict(RetentionPeriodSerializer(self._line(name)).data)
        return Response(told | {"goes_at_next_run": plan.goes})

    def _line(self, name: str) -> queries.Line:
        line = queries.line(name)
        if line is None:
            raise Http404
        return line


ROUTES = {"retention-periods": RetentionPeriodViewSet}
