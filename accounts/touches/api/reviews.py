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
from accounts.team.rest import KeyField, Listed, NumberedViewSet, Strict, optional
from accounts.touches import services
from accounts.touches.api.fields import conflicts, people
from accounts.touches.models import BusinessReview
from accounts.touches.models.touch import LONGEST_TEXT


class ReviewSerializer(serializers.ModelSerializer):
    """A meeting in which we review the business with a customer."""

    account = serializers.CharField(source="account.key", read_only=True)
    outcome = optional(BusinessReview.Outcome)
    stakeholders = serializers.SerializerMethodField(help_text="Ids of the people who are invited, or were there.")
    touch = serializers.IntegerField(
        source="touch_id", read_only=True, allow_null=True, help_text="Id of the touch that holding it logged."
    )

    class Meta:
        model = BusinessReview
        fields = [
            "id",
            "account",
            "kind",
            "state",
            "planned_for",
            "held_at",
            "outcome",
            "next_step",
            "stakeholders",
            "touch",
        ]
        read_only_fields = fields

    def get_stakeholders(self, review: BusinessReview) -> list[int]:
        return sorted(person.pk for person in review.stakeholders.all())


class ReviewDraft(Strict, serializers.ModelSerializer):
    """A review to be held."""

    account = KeyField(Account, help_text="Key of the account.")
    stakeholders = people(help_text="Ids of the people who are invited.")

    class Meta:
        model = BusinessReview
        fields = ["account", "kind", "planned_for", "stakeholders"]


class ReviewOutcome(Strict):
    """What came of a review."""

    outcome = serializers.ChoiceField(BusinessReview.Outcome.choices)
    held_at = serializers.DateTimeField(required=False, help_text="Now where left out.")
    text = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST_TEXT, help_text="What was said.")
    minutes = serializers.IntegerField(required=False, min_value=0, max_value=1440)
    stakeholders = people(help_text="Ids of the people who were there; those invited where left out.")
    next_step = serializers.CharField(
        required=False, allow_blank=True, max_length=250, help_text="Becomes the account's next step."
    )
    due_on = serializers.DateField(required=False, help_text="Until when the next step is due.")


class ReviewFilters(filters.FilterSet):
    account = filters.CharFilter("account__key", label="Key of the account.")
    kind = filters.ChoiceFilter(choices=BusinessReview.Kind.choices, label="Kind of review.")
    state = filters.ChoiceFilter(choices=BusinessReview.State.choices, label="State of the review.")
    planned_after = InstantFilter("planned_for", lookup_expr="gt", label="Planned for after this instant.")
    planned_before = InstantFilter("planned_for", lookup_expr="lt", label="Planned for before this instant.")


PLAN = OpenApiExample(
    "A business review",
    request_only=True,
    value={"account": "northwind-traders", "kind": "business", "planned_for": "2026-05-12T14:00:00Z"},
)


class ReviewViewSet(Listed, NumberedViewSet):
    """Business reviews: planned, held, cancelled."""

    area = Area.ACCOUNTS
    queryset: models.QuerySet[Any] = BusinessReview.objects.select_related("account").prefetch_related("stakeholders")
    serializer_class = ReviewSerializer
    filterset_class = ReviewFilters
    order = "-planned_for"

    @extend_schema(request=ReviewDraft, responses={201: ReviewSerializer}, examples=[PLAN])
    def create(self, request: Request) -> Response:
        """Plans a review."""
        values = self.body(ReviewDraft)
        review = services.plan_review(values.pop("account"), by=self.caller, at=now(), **values)
        return self.answer(review, code=201)

    @extend_schema(request=ReviewOutcome, responses=ReviewSerializer)
    @action(detail=True, methods=["post"])
    def hold(self, request: Request, id: str) -> Response:  # noqa: A002
        """Notes that the review was held: logs the touch it was, and sets the next step that was agreed."""
        review = self.get_object()
        values = self.body(ReviewOutcome)
        with conflicts():
            return self.answer(services.hold_review(review, by=self.caller, at=now(), **values))

    @extend_schema(request=None, responses=ReviewSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, id: str) -> Response:  # noqa: A002
        """Notes that the review will not be held."""
        review = self.get_object()
        with conflicts():
            return self.answer(services.cancel_review(review, by=self.caller, at=now()))
