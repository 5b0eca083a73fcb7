"""The ideal customer, and how well an account fits, on the REST API."""

from typing import Any

from django.core.exceptions import ValidationError as Invalid
from django.http import Http404
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.foundation.clock import now
from accounts.foundation.scope import Area
from accounts.portfolio.api import OF_ACCOUNT, OfAccountViewSet
from accounts.portfolio.models import Account
from accounts.team.rest import ScopedViewSet, Strict, Whole
from retention.fit.models import FitCriterion, IdealProfile
from retention.fit.queries import fit_of
from retention.fit.scoring import BAD, FITS, REVIEW
from retention.fit.services import Criterion, IdealDraft, define

BANDS = [(FITS, "Fit"), (REVIEW, "To review"), (BAD, "Bad fit")]


class CriterionSerializer(serializers.ModelSerializer):
    """One thing that makes a customer fit."""

    matches = serializers.JSONField(help_text="A condition; see the guide to conditions.")

    class Meta:
        model = FitCriterion
        fields = ["key", "label", "weight", "matches"]


class CriterionDraft(Strict):
    """One thing that makes a customer fit, and how much it counts."""

    key = serializers.SlugField(max_length=60)
    label = serializers.CharField(max_length=120)  # type: ignore[assignment]
    weight = serializers.IntegerField(min_value=0, max_value=100)
    matches = serializers.DictField(help_text="A condition; see the guide to conditions.")


class IdealSerializer(serializers.ModelSerializer):
    """Whom the product is for."""

    criteria = CriterionSerializer(many=True, read_only=True)

    class Meta:
        model = IdealProfile
        fields = ["fit_from", "review_from", "criteria", "changed_at"]
        read_only_fields = fields


class IdealBody(Strict):
    """Whom the product is for, whole: criteria that are left out are gone."""

    fit_from = serializers.IntegerField(min_value=0, max_value=100, default=60)
    review_from = serializers.IntegerField(min_value=0, max_value=100, default=40)
    criteria = CriterionDraft(many=True, max_length=50)  # type: ignore[call-arg]


class IdealViewSet(ScopedViewSet):
    """The one definition of the ideal customer."""

    area = Area.DEFINITIONS
    queryset = IdealProfile.objects.prefetch_related("criteria")
    serializer_class = IdealSerializer
    pagination_class = Whole

    @extend_schema(responses=IdealSerializer(many=True))
    def list(self, request: Request) -> Response:
        """The definition in force, as a list of one; empty before there is one."""
        found = self.filter_queryset(self.get_queryset())
        return Response({"next": None, "results": IdealSerializer(found, many=True).data})

    @extend_schema(request=IdealBody, responses={200: IdealSerializer})
    def create(self, request: Request) -> Response:
        """Puts a definition into force in place of the one before; every account is scored anew."""
        values = self.body(IdealBody)
        criteria = [Criterion(**one) for one in values.pop("criteria")]
        try:
            profile = define(IdealDraft(criteria, **values), by=self.caller, at=now())
        except Invalid as refused:
            raise ValidationError(refused.message_dict) from None
        return self.answer(profile)


class VerdictSerializer(serializers.Serializer):
    """One criterion of the ideal customer, and whether the account meets it."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    weight = serializers.IntegerField()
    met = serializers.BooleanField(allow_null=True, help_text="null: not known yet.")


@extend_schema_serializer(many=False)
class FitSerializer(serializers.Serializer):
    """How well an account fits now."""

    score = serializers.IntegerField(allow_null=True, help_text="0 to 100; null while too little is known.")
    band = serializers.ChoiceField(BANDS, allow_null=True)
    criteria = serializers.SerializerMethodField()

    @extend_schema_field(VerdictSerializer(many=True))
    def get_criteria(self, fit: Any) -> list[dict[str, Any]]:
        return [
            {"key": one.criterion.key, "label": one.criterion.label, "weight": one.criterion.weight, "met": one.truth}
            for one in fit.verdicts
        ]


class FitViewSet(OfAccountViewSet):
    """How well one account fits the ideal customer, criterion by criterion."""

    area = Area.ACCOUNTS
    queryset = Account.objects.all()
    serializer_class = FitSerializer
    pagination_class = Whole
    lookup_field = "account"

    @extend_schema(responses=FitSerializer)
    def list(self, request: Request, account: str) -> Response:
        """The score with its reasons; 404 before an ideal customer is defined."""
        fit = fit_of(self.account())
        if fit is None:
            raise Http404
        return Response(FitSerializer(fit).data)


ROUTES = {"ideal-profile": IdealViewSet, f"{OF_ACCOUNT}/fit": FitViewSet}
