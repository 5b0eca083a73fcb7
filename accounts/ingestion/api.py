"""Sources, quarantine and the tracking plan on the REST API. Signals themselves come through the signal doors."""

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.foundation.clock import now
from accounts.foundation.scope import Area
from accounts.ingestion import services
from accounts.ingestion.models import Feature, QuarantinedItem
from accounts.team.filters import InstantFilter
from accounts.team.rest import Listed, NumberedViewSet, ScopedViewSet
from accounts.workspace.models import Source
from accounts.workspace.queries import is_stale


class SourceSerializer(serializers.ModelSerializer):
    """A system that tells us things."""

    is_stale = serializers.SerializerMethodField(help_text="Silent for longer than it may be: its facts are unknown.")

    class Meta:
        model = Source
        fields = ["key", "name", "kind", "stale_after_hours", "last_delivery_at", "is_stale"]
        read_only_fields = fields

    def get_is_stale(self, source: Source) -> bool:
        return is_stale(source, at=now())


class SourceFilters(filters.FilterSet):
    kind = filters.ChoiceFilter(choices=Source.Kind.choices, label="Kind of system.")


class SourceViewSet(Listed, ScopedViewSet):
    """Systems that send signals, with their last delivery."""

    area = Area.SIGNALS
    queryset = Source.objects.all()
    serializer_class = SourceSerializer
    filterset_class = SourceFilters


class FeatureSerializer(serializers.ModelSerializer):
    """A feature of the product, and the event names that mean it was used."""

    events = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = Feature
        fields = ["key", "name", "tier", "events"]
        read_only_fields = fields


class FeatureFilters(filters.FilterSet):
    tier = filters.ChoiceFilter(choices=Feature.Tier.choices, label="Tier of the feature.")


class FeatureViewSet(Listed, ScopedViewSet):
    """The tracking plan."""

    area = Area.DEFINITIONS
    queryset = Feature.objects.all()
    serializer_class = FeatureSerializer
    filterset_class = FeatureFilters


class QuarantinedSerializer(serializers.ModelSerializer):
    """A signal that could not be used yet, with the reason. It waits to be replayed."""

    source = serializers.CharField(source="source.key", read_only=True)  # type: ignore[assignment]
    group = serializers.CharField(source="group_value", read_only=True, help_text="The account id it names.")
    user = serializers.CharField(source="user_value", read_only=True, help_text="The user id it names.")
    item = serializers.CharField(read_only=True, help_text="The item as it came, as text.")

    class Meta:
        model = QuarantinedItem
        fields = ["id", "source", "reason", "detail", "group", "user", "item", "received_at"]
        read_only_fields = fields


class QuarantineFilters(filters.FilterSet):
    source = filters.CharFilter("source__key", label="Key of the source.")
    reason = filters.ChoiceFilter(choices=QuarantinedItem.Reason.choices, label="Why it waits.")
    group = filters.CharFilter("group_value", label="The account id it names.")
    user = filters.CharFilter("user_value", label="The user id it names.")
    after = InstantFilter("received_at", lookup_expr="gt", label="Received after this instant.")
    before = InstantFilter("received_at", lookup_expr="lt", label="Received before this instant.")


class ReplayedSerializer(serializers.Serializer):
    """How many items went back into the inbox."""

    replayed = serializers.IntegerField()


class QuarantineViewSet(Listed, NumberedViewSet):
    """Signals that could not be used yet, newest first. Nothing is dropped."""

    area = Area.SIGNALS
    queryset = QuarantinedItem.objects.select_related("source")
    serializer_class = QuarantinedSerializer
    filterset_class = QuarantineFilters
    order = "-received_at"

    @extend_schema(request=None, responses={202: ReplayedSerializer})
    @action(detail=True, methods=["post"])
    def replay(self, request: Request, id: str) -> Response:  # noqa: A002
        """Puts the item back into the inbox; if its reason still holds, it returns here as a new row."""
        return Response({"replayed": services.replay([self.get_object()])}, status=202)


ROUTES = {"sources": SourceViewSet, "features": FeatureViewSet, "quarantined-items": QuarantineViewSet}
