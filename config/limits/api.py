"""Limits on the REST API."""

from typing import Any

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.foundation.scope import Area
from accounts.limits import queries
from accounts.limits.models import Crossing
from accounts.limits.registry import limits
from accounts.team.rest import ScopedViewSet, Whole


class LimitSerializer(serializers.Serializer):
    """One bound of the product, and how much of it is used."""

    name = serializers.CharField()
    label = serializers.CharField(source="limit.label")  # type: ignore[assignment]
    group = serializers.CharField(source="limit.group.value", help_text="The heading under which it stands.")
    value = serializers.IntegerField(source="bound", help_text="In its unit; 0 of one that is set: no limit.")
    unit = serializers.CharField(source="limit.unit.value", help_text="Empty where things are counted.")
    beyond = serializers.CharField(source="limit.beyond", help_text="What becomes of what is beyond.")
    why = serializers.CharField(source="limit.why")
    variable = serializers.CharField(source="limit.variable", help_text="Which sets it; empty: it is fixed.")
    used = serializers.IntegerField(
        source="use.used", allow_null=True, default=None, help_text="Null where each request or row is by itself."
    )
    used_by = serializers.CharField(source="use.of", default="", help_text="Whose use that is, such as a source.")
    is_near = serializers.BooleanField(help_text="Whether four fifths of it or more are used.")


class LimitViewSet(ScopedViewSet):
    """Every bound of the product: what becomes of whatever is beyond, and how much is used now."""

    area = Area.SETTINGS
    queryset = Crossing.objects.none()
    serializer_class = LimitSerializer
    pagination_class = Whole
    lookup_field = "name"

    @extend_schema(responses=LimitSerializer(many=True))
    def list(self, request: Request) -> Response:
        """All limits, by their headings."""
        self.filter_queryset(self.queryset)
        return Response({"next": None, "results": LimitSerializer(queries.lines(), many=True).data})

    @extend_schema(responses=LimitSerializer, parameters=[OpenApiParameter("name", OpenApiTypes.STR, "path")])
    def retrieve(self, request: Request, name: str) -> Response:
        """One limit."""
        if name not in limits:
            raise Http404
        return Response(LimitSerializer(queries.line(name)).data)


ROUTES: dict[str, Any] = {"limits": LimitViewSet}
