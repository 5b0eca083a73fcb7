"""Dimensions, the segments in which accounts stand, and how they moved, on the REST API."""

from typing import Any

from django.db.models import Prefetch
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.foundation.clock import now
from accounts.foundation.keys import KEY_LENGTH
from accounts.foundation.scope import Area
from accounts.team.filters import InstantFilter
from accounts.team.rest import Listed, NumberedViewSet, ScopedViewSet, Strict
from retention.evaluation.models import Edge
from retention.evaluation.rest import ConditionField, EvidenceSerializer, evidence
from retention.segments.drafts import SegmentDraft
from retention.segments.models import AccountSegment, Dimension, Segment, SegmentChange
from retention.segments.queries import current_versions, reasons
from retention.segments.services import publish


class SegmentSerializer(serializers.ModelSerializer):
    """One segment: an account is in the first one whose condition is true."""

    condition = ConditionField(
        read_only=True, allow_null=True, help_text="Null in the last one: whoever is in no other, as nobody can tell."
    )
    products = serializers.ListField(child=serializers.CharField(), read_only=True)
    basis = serializers.CharField(
        read_only=True, help_text="Where its figures come from: published, practice; or empty."
    )
    care = serializers.CharField(
        read_only=True, help_text="Who looks after its accounts: person, pool, automation; or empty."
    )
    assign = serializers.CharField(
        read_only=True, help_text="Who gets the next account: round_robin, fewest, least_arr; or empty."
    )

    class Meta:
        model = Segment
        fields = [
            *("key", "name", "meaning", "condition", "basis", "strategy", "offers", "products", "care", "pool"),
            *("assign", "capacity", "time_share", "check_in_days", "business_review_days", "executive_call_days"),
            *("risk_review_days", "retention_target"),
        ]
        read_only_fields = fields


class DimensionSerializer(serializers.ModelSerializer):
    """One way of dividing the book, as its latest version says. Its key is also that of a fact."""

    version = serializers.SerializerMethodField(help_text="Number of the version in force.")
    segments = serializers.SerializerMethodField()

    class Meta:
        model = Dimension
        fields = ["key", "name", "meaning", "version", "segments"]
        read_only_fields = fields

    def get_version(self, dimension: Dimension) -> int | None:
        return next((version.number for version in dimension.versions.all()), None)

    @extend_schema_field(SegmentSerializer(many=True))
    def get_segments(self, dimension: Dimension) -> Any:
        segments = [segment for version in dimension.versions.all() for segment in version.segments.all()]
        return SegmentSerializer(segments, many=True).data


class SegmentBody(Strict, serializers.ModelSerializer):
    """One segment as its author writes it."""

    key = serializers.SlugField(max_length=KEY_LENGTH)
    condition = serializers.DictField(
        allow_null=True, default=None, help_text="A condition; null in the last segment: whoever is in no other."
    )
    products = serializers.ListField(child=serializers.CharField(max_length=KEY_LENGTH), default=list, max_length=200)

    class Meta:
        model = Segment
        fields = SegmentSerializer.Meta.fields
        extra_kwargs: dict[str, Any] = {
            "capacity": {"min_value": 1},
            "time_share": {"max_value": 100},
            "retention_target": {"max_value": 100},
        }


class DimensionBody(Strict):
    """A dimension, whole: segments that are left out are gone."""

    key = serializers.SlugField(max_length=KEY_LENGTH)
    name = serializers.CharField(max_length=120)
    meaning = serializers.CharField(max_length=250, default="", allow_blank=True)
    segments = SegmentBody(many=True, max_length=60)  # type: ignore[call-arg]
    confirmed = serializers.BooleanField(
        default=False, help_text="True once somebody agreed to move much of the book, or to empty a segment."
    )


class DimensionViewSet(Listed, ScopedViewSet):
    """Dimensions with their segments, in order of precedence."""

    area = Area.DEFINITIONS
    queryset = Dimension.objects.prefetch_related(
        Prefetch("versions", queryset=current_versions().prefetch_related("segments"))
    )
    serializer_class = DimensionSerializer

    @extend_schema(request=DimensionBody, responses={200: DimensionSerializer})
    def create(self, request: Request) -> Response:
        """Publishes a version, unless it says what is in force. Accounts are placed silently: no play starts.

        400 with the numbers under `confirmed` where it would do something large and nobody has agreed.
        """
        values = self.body(DimensionBody)
        segments = [SegmentDraft(**one) for one in values.pop("segments")]
        return self.answer(publish(**values, segments=segments, by=self.caller, at=now()).dimension)


def _key(source: str, what: str) -> serializers.CharField:
    return serializers.CharField(source=f"{source}.key", read_only=True, help_text=f"Key of the {what}.")


class AccountSegmentSerializer(serializers.ModelSerializer):
    """The segment of one dimension in which one account is now."""

    account = _key("account", "account")
    dimension = _key("dimension", "dimension")
    segment = _key("segment", "segment")

    class Meta:
        model = AccountSegment
        fields = ["account", "dimension", "segment", "since"]
        read_only_fields = fields


class AccountSegmentFilters(filters.FilterSet):
    account = filters.CharFilter("account__key", label="Key of the account.")
    dimension = filters.CharFilter("dimension__key", label="Key of the dimension.")
    segment = filters.CharFilter("segment__key", label="Key of the segment.")


class AccountSegmentViewSet(ListModelMixin, ScopedViewSet):
    """Where accounts stand: each in exactly one segment of each dimension."""

    area = Area.ACCOUNTS
    queryset = AccountSegment.objects.select_related("account", "dimension", "segment")
    serializer_class = AccountSegmentSerializer
    filterset_class = AccountSegmentFilters


class EvidenceOfSegment(EvidenceSerializer):
    """Why an account moved: a sentence, and the comparisons behind it."""

    def get_attribute(self, change: SegmentChange) -> dict[str, Any] | None:
        """The evidence of a change, in this shape."""
        return evidence(reasons(change)) if change.edge else None


class SegmentChangeSerializer(serializers.ModelSerializer):
    """One move of an account from a segment to another, with its evidence."""

    account = _key("account", "account")
    dimension = _key("dimension", "dimension")
    from_segment = serializers.CharField(
        source="from_segment.key", allow_null=True, read_only=True, help_text="Null where it had none yet."
    )
    to_segment = _key("to_segment", "segment moved to")
    evidence = EvidenceOfSegment(read_only=True, allow_null=True, help_text="Null where a change of rules moved it.")

    class Meta:
        model = SegmentChange
        fields = ["id", "account", "dimension", "from_segment", "to_segment", "at", "cause", "evidence"]
        read_only_fields = fields


class SegmentChangeFilters(filters.FilterSet):
    account = filters.CharFilter("account__key", label="Key of the account.")
    dimension = filters.CharFilter("dimension__key", label="Key of the dimension.")
    from_segment = filters.CharFilter("from_segment__key", label="Key of the segment left.")
    to_segment = filters.CharFilter("to_segment__key", label="Key of the segment moved to.")
    cause = filters.ChoiceFilter(choices=Edge.Cause.choices, label="What caused the move.")
    after = InstantFilter("at", lookup_expr="gt", label="Moved after this instant.")
    before = InstantFilter("at", lookup_expr="lt", label="Moved before this instant.")


class SegmentChangeViewSet(Listed, NumberedViewSet):
    """Moves between segments, newest first."""

    area = Area.ACCOUNTS
    queryset = SegmentChange.objects.select_related("account", "dimension", "from_segment", "to_segment", "edge")
    serializer_class = SegmentChangeSerializer
    filterset_class = SegmentChangeFilters
    order = "-at"


ROUTES = {
    "dimensions": DimensionViewSet,
    "account-segments": AccountSegmentViewSet,
    "segment-changes": SegmentChangeViewSet,
}
