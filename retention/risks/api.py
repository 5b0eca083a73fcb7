"""Risks that people raised on the REST API, and the routes of this room."""

from typing import Any

from django.core.exceptions import ValidationError as Invalid
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.foundation.clock import now
from accounts.foundation.scope import Area
from accounts.portfolio.models import Account
from accounts.team.filters import FlagFilter
from accounts.team.rest import Conflict, KeyField, Listed, NumberedViewSet, PersonField, Strict
from retention.risks import plan, services, tier_api
from retention.risks.models import Risk, RiskRemedy, RiskReview

MOST = 10**15


class RiskRemedySerializer(serializers.ModelSerializer):
    """One thing that the get-well plan wants done."""

    class Meta:
        model = RiskRemedy
        fields = ["id", "text", "due_on", "done_at"]
        read_only_fields = fields


class RiskReviewSerializer(serializers.ModelSerializer):
    """One look at the get-well plan."""

    by = serializers.CharField(source="by.username", allow_null=True, read_only=True, default=None)

    class Meta:
        model = RiskReview
        fields = ["at", "by", "text"]
        read_only_fields = fields


class RiskSerializer(serializers.ModelSerializer):
    """Something that may cost us a customer, raised by a person."""

    account = serializers.CharField(source="account.key", read_only=True)
    owner = serializers.CharField(source="owner.username", allow_null=True, read_only=True, default=None)
    raised_by = serializers.CharField(source="raised_by.username", allow_null=True, read_only=True, default=None)
    work_item = serializers.IntegerField(source="work_item_id", allow_null=True, read_only=True)
    outcome = serializers.ChoiceField(Risk.Outcome.choices, allow_blank=True, read_only=True)
    remedies = RiskRemedySerializer(many=True, read_only=True)
    reviews = RiskReviewSerializer(many=True, read_only=True)

    class Meta:
        model = Risk
        fields = [
            *("id", "account", "category", "title", "cause", "arr_minor", "owner", "state", "next_step"),
            *("next_step_on", "work_item", "review_days", "reviewed_at", "raised_at", "raised_by"),
            *("outcome", "lesson", "closed_at", "remedies", "reviews"),
        ]
        read_only_fields = fields


class RiskStepBody(Strict):
    """What is done next, and by when."""

    next_step = serializers.CharField(max_length=200)
    next_step_on = serializers.DateField()


class RiskChange(Strict):
    """What may be changed of a risk."""

    category = serializers.ChoiceField(Risk.Category.choices, required=False)
    title = serializers.CharField(max_length=200, required=False)
    cause = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    arr_minor = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, max_value=MOST, help_text="ARR at risk, in minor units."
    )
    owner = PersonField(required=False, allow_null=True, help_text="Username or e-mail address.")
    review_days = serializers.IntegerField(required=False, min_value=1, max_value=365)


class RiskBody(RiskStepBody):
    """A new risk with its next step, which becomes work for its owner."""

    account = KeyField(Account, help_text="Key of the account.")
    category = serializers.ChoiceField(Risk.Category.choices)
    title = serializers.CharField(max_length=200)
    cause = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    arr_minor = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, max_value=MOST, help_text="ARR at risk, in minor units."
    )
    owner = PersonField(allow_null=True, default=None, help_text="Username or e-mail address.")


class RiskRemedyBody(Strict):
    """One more thing that the plan wants done."""

    text = serializers.CharField(max_length=250)
    due_on = serializers.DateField()


class RiskReviewBody(Strict):
    """Where the plan stands."""

    text = serializers.CharField(max_length=2000)


class ClosingRisk(Strict):
    """How a risk ended."""

    outcome = serializers.ChoiceField(Risk.Outcome.choices)
    lesson = serializers.CharField(required=False, allow_blank=True, max_length=2000)


class RiskFilters(filters.FilterSet):
    account = filters.CharFilter("account__key", label="Key of the account.")
    state = filters.ChoiceFilter(choices=Risk.State.choices, label="State of the risk.")
    category = filters.ChoiceFilter(choices=Risk.Category.choices, label="Category of the risk.")
    owner = filters.CharFilter("owner__username", label="Username.")
    without_step = FlagFilter("next_step_on", lookup_expr="isnull", label="Whether no next step is planned.")


RAISE = OpenApiExample(
    "A sponsor in doubt",
    request_only=True,
    value={
        "account": "northwind-traders",
        "category": "relationship",
        "title": "The new sponsor knows nothing of us",
        "arr_minor": 4_800_000,
        "next_step": "Introduce ourselves",
        "next_step_on": "2099-01-31",
    },
)


class RiskViewSet(Listed, NumberedViewSet):
    """Risks that people raised, newest first, with their get-well plans."""

    area = Area.ACCOUNTS
    queryset = Risk.objects.select_related("account", "owner", "raised_by").prefetch_related("remedies", "reviews__by")
    serializer_class = RiskSerializer
    filterset_class = RiskFilters
    order = "-raised_at"

    @extend_schema(request=RiskBody, responses={201: RiskSerializer}, examples=[RAISE])
    def create(self, request: Request) -> Response:
        """Raises a risk; its next step is work for its owner from now on."""
        values = self.body(RiskBody)
        account = values.pop("account")
        return self._done(lambda **given: services.raise_risk(account, **values, **given), code=201)

    @extend_schema(request=RiskChange, responses=RiskSerializer)
    def partial_update(self, request: Request, id: str) -> Response:  # noqa: A002
        """Changes the fields that are given; with the owner, the open step changes hands. 409 where it is closed."""
        risk, values = self.get_object(), self.body(RiskChange, partial=True)
        return self._done(lambda **given: services.change(risk, **values, **given))

    @extend_schema(request=RiskStepBody, responses=RiskSerializer)
    @action(detail=True, methods=["post"], url_path="next-step")
    def next_step(self, request: Request, id: str) -> Response:  # noqa: A002
        """Plans the next step in place of an earlier one. 409 where the risk is closed."""
        risk, values = self.get_object(), self.body(RiskStepBody)
        return self._done(lambda **given: services.set_step(risk, **values, **given))

    @extend_schema(request=RiskRemedyBody, responses=RiskSerializer)
    @action(detail=True, methods=["post"])
    def remedies(self, request: Request, id: str) -> Response:  # noqa: A002
        """Adds a remedy to the plan. 409 where the risk is closed."""
        risk, values = self.get_object(), self.body(RiskRemedyBody)
        return self._done(lambda **given: plan.add_remedy(risk, **values, **given), risk=risk)

    @extend_schema(request=RiskReviewBody, responses=RiskSerializer)
    @action(detail=True, methods=["post"])
    def review(self, request: Request, id: str) -> Response:  # noqa: A002
        """Notes where the plan stands. 409 where the risk is closed."""
        risk, values = self.get_object(), self.body(RiskReviewBody)
        return self._done(lambda **given: plan.review(risk, **values, **given), risk=risk)

    @extend_schema(request=ClosingRisk, responses=RiskSerializer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, id: str) -> Response:  # noqa: A002
        """Ends the risk with an outcome. 409 where it was closed before."""
        risk, values = self.get_object(), self.body(ClosingRisk)
        return self._done(lambda **given: services.close(risk, **values, **given))

    def _done(self, verb: Any, *, risk: Risk | None = None, code: int = 200) -> Response:
        try:
            made = verb(by=self.caller, at=now())
        except services.AlreadyClosed as refused:
            raise Conflict(" ".join(refused.messages)) from None
        except Invalid as refused:
            raise ValidationError(refused.message_dict) from None
        return self.answer(risk or made, code=code)


ROUTES = {"risks": RiskViewSet, **tier_api.ROUTES}
