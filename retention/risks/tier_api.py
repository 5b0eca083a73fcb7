"""Renewal risk on the REST API: the model by which it is rated, where accounts stand, and how they moved."""

from typing import Any

from django.core.exceptions import ValidationError as Invalid
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.foundation.clock import now
from accounts.foundation.scope import Area
from accounts.team.filters import InstantFilter
from accounts.team.rest import Listed, NumberedViewSet, ScopedViewSet, Strict
from retention.risks import rating
from retention.risks.models import AccountRisk, RiskModelVersion, RiskSignal, RiskTierChange, Tier
from retention.risks.preview import preview


class RiskSignalSerializer(serializers.ModelSerializer):
    """One thing that makes a renewal less likely."""

    when = serializers.JSONField(help_text="A condition; see the guide to conditions.")

    class Meta:
        model = RiskSignal
        fields = ["key", "name", "points", "when", "is_core", "basis"]


class RiskSignalBody(Strict):
    """One thing that makes a renewal less likely, and the points it gives."""

    key = serializers.SlugField(max_length=60)
    name = serializers.CharField(max_length=120)
    points = serializers.IntegerField(min_value=1, max_value=100)
    when = serializers.DictField(help_text="A condition; see the guide to conditions.")
    is_core = serializers.BooleanField(required=False, help_text="Whether not knowing it makes the tier unknown.")
    basis = serializers.ChoiceField(RiskSignal.Basis.choices, required=False)


class RiskModelSerializer(serializers.ModelSerializer):
    """How renewal risk is rated, as it was published once."""

    signals = RiskSignalSerializer(many=True, read_only=True)
    published_by = serializers.CharField(source="published_by.username", allow_null=True, read_only=True, default=None)

    class Meta:
        model = RiskModelVersion
        fields = [
            *("id", "number", "published_at", "published_by"),
            *("medium_from", "high_from", "unknown_from", "signals"),
        ]
        read_only_fields = fields


class RiskModelBody(Strict):
    """How renewal risk is rated, whole: signals that are left out are gone."""

    medium_from = serializers.IntegerField(min_value=1, max_value=100, default=2)
    high_from = serializers.IntegerField(min_value=1, max_value=100, default=4)
    unknown_from = serializers.IntegerField(min_value=1, max_value=50, default=3)
    signals = RiskSignalBody(many=True, max_length=rating.MOST_SIGNALS)  # type: ignore[call-arg]
    confirmed = serializers.BooleanField(
        default=False, help_text="True once somebody agreed that much of the book comes into another tier."
    )


class RiskModelViewSet(Listed, NumberedViewSet):
    """The versions by which renewal risk was rated; the newest is in force."""

    area = Area.DEFINITIONS
    queryset = RiskModelVersion.objects.select_related("published_by").prefetch_related("signals")
    serializer_class = RiskModelSerializer
    order = "-published_at"

    @extend_schema(request=RiskModelBody, responses={200: RiskModelSerializer})
    def create(self, request: Request) -> Response:
        """Puts a version into force where it differs; every account is rated anew, and nobody is told.

        400 with the numbers under `confirmed` where much of the book would come into another tier.
        """
        values = self.body(RiskModelBody)
        confirmed, signals = values.pop("confirmed"), [rating.SignalDraft(**one) for one in values.pop("signals")]
        draft = rating.RiskDraft(signals, **values)
        try:
            rating.check(draft)
            if not confirmed and (asked := preview(draft, user=self.caller, at=now()).questions):
                raise ValidationError({"confirmed": asked})
            version = rating.publish(draft, by=self.caller, at=now())
        except Invalid as refused:
            found = refused.message_dict if hasattr(refused, "error_dict") else {"signals": refused.messages}
            raise ValidationError(found) from None
        return self.answer(version)


class ReasonsField(serializers.JSONField):
    """Signals that are true or unknown, each with its points and the clauses with what was seen."""


class RiskTierSerializer(serializers.ModelSerializer):
    """The renewal risk of one account now."""

    account = serializers.CharField(source="account.key", read_only=True)
    version = serializers.IntegerField(source="version.number", read_only=True)
    reasons = ReasonsField(read_only=True)

    class Meta:
        model = AccountRisk
        fields = ["account", "tier", "points", "since", "version", "reasons", "rated_at"]
        read_only_fields = fields


class TierFilters(filters.FilterSet):
    account = filters.CharFilter("account__key", label="Key of the account.")
    tier = filters.ChoiceFilter(choices=Tier.choices, label="The tier.")


class TierViewSet(ListModelMixin, ScopedViewSet):
    """The renewal risk of accounts, with its reasons."""

    area = Area.ACCOUNTS
    queryset = AccountRisk.objects.select_related("account", "version")
    serializer_class = RiskTierSerializer
    filterset_class = TierFilters


class RiskTierChangeSerializer(serializers.ModelSerializer):
    """One account that came into another tier."""

    account = serializers.CharField(source="account.key", read_only=True)
    version = serializers.IntegerField(source="version.number", read_only=True)
    reasons = ReasonsField(read_only=True)
    from_tier = serializers.ChoiceField(Tier.choices, allow_blank=True, read_only=True)

    class Meta:
        model = RiskTierChange
        fields = ["id", "account", "at", "from_tier", "tier", "points", "version", "is_by_rule", "reasons"]
        read_only_fields = fields


class TierChangeFilters(filters.FilterSet):
    account = filters.CharFilter("account__key", label="Key of the account.")
    tier = filters.ChoiceFilter(choices=Tier.choices, label="The tier it came into.")
    after = InstantFilter("at", lookup_expr="gt", label="After this instant.")


class TierChangeViewSet(Listed, NumberedViewSet):
    """Changes of tier, newest first."""

    area = Area.ACCOUNTS
    queryset = RiskTierChange.objects.select_related("account", "version")
    serializer_class = RiskTierChangeSerializer
    filterset_class = TierChangeFilters
    order = "-at"


ROUTES: dict[str, Any] = {
    "risk-models": RiskModelViewSet,
    "risk-tiers": TierViewSet,
    "risk-tier-changes": TierChangeViewSet,
}
