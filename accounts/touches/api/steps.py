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
from accounts.team.rest import KeyField, Listed, NumberedViewSet, Strict
from accounts.touches import services
from accounts.touches.api.fields import conflicts
from accounts.touches.models import NextStep, Pulse


class PulseSerializer(serializers.ModelSerializer):
    """How somebody of us judged an account at one moment; the latest one that was not taken back counts."""

    account = serializers.CharField(source="account.key", read_only=True)
    set_by = serializers.CharField(
        source="set_by.username", allow_null=True, read_only=True, help_text="Username of whoever set it."
    )

    class Meta:
        model = Pulse
        fields = ["id", "account", "value", "reason", "set_by", "set_at", "withdrawn_at"]
        read_only_fields = fields


class PulseDraft(Strict, serializers.ModelSerializer):
    """How an account stands."""

    account = KeyField(Account, help_text="Key of the account.")

    class Meta:
        model = Pulse
        fields = ["account", "value", "reason"]


class PulseFilters(filters.FilterSet):
    account = filters.CharFilter("account__key", label="Key of the account.")
    value = filters.ChoiceFilter(choices=Pulse.Value.choices, label="How the account stands.")


SET = OpenApiExample(
    "A worry",
    request_only=True,
    value={"account": "northwind-traders", "value": "amber", "reason": "Their sponsor is leaving."},
)


class PulseViewSet(Listed, NumberedViewSet):
    """What our people say about how accounts stand, newest first."""

    area = Area.ACCOUNTS
    queryset: models.QuerySet[Any] = Pulse.objects.select_related("account", "set_by")
    serializer_class = PulseSerializer
    filterset_class = PulseFilters
    order = "-set_at"

    @extend_schema(request=PulseDraft, responses={201: PulseSerializer}, examples=[SET])
    def create(self, request: Request) -> Response:
        """Sets the pulse of an account."""
        values = self.body(PulseDraft)
        return self.answer(services.set_pulse(values.pop("account"), by=self.caller, at=now(), **values), code=201)


class NextStepSerializer(serializers.ModelSerializer):
    """What we do next for an account."""

    account = serializers.CharField(source="account.key", read_only=True)
    set_by = serializers.CharField(
        source="set_by.username", allow_null=True, read_only=True, help_text="Username of whoever set it."
    )

    class Meta:
        model = NextStep
        fields = ["id", "account", "text", "due_on", "state", "set_by", "set_at", "closed_at"]
        read_only_fields = fields


class NextStepDraft(Strict, serializers.ModelSerializer):
    """What is to be done next."""

    account = KeyField(Account, help_text="Key of the account.")

    class Meta:
        model = NextStep
        fields = ["account", "text", "due_on"]


class NextStepFilters(filters.FilterSet):
    account = filters.CharFilter("account__key", label="Key of the account.")
    state = filters.ChoiceFilter(choices=NextStep.State.choices, label="State of the next step.")
    due_before = filters.DateFilter("due_on", lookup_expr="lt", label="Due before this day.")


DO = OpenApiExample(
    "A next step",
    request_only=True,
    value={"account": "northwind-traders", "text": "Send the renewal proposal", "due_on": "2026-05-12"},
)


class NextStepViewSet(Listed, NumberedViewSet):
    """Next steps, newest first; an account has at most one that is open."""

    area = Area.ACCOUNTS
    queryset: models.QuerySet[Any] = NextStep.objects.select_related("account", "set_by")
    serializer_class = NextStepSerializer
    filterset_class = NextStepFilters
    order = "-set_at"

    @extend_schema(request=NextStepDraft, responses={201: NextStepSerializer}, examples=[DO])
    def create(self, request: Request) -> Response:
        """Sets the next step of an account; it takes the place of the one that was open."""
        values = self.body(NextStepDraft)
        return self.answer(services.set_next_step(values.pop("account"), by=self.caller, at=now(), **values), code=201)

    @extend_schema(request=None, responses=NextStepSerializer)
    @action(detail=True, methods=["post"])
    def complete(self, request: Request, id: str) -> Response:  # noqa: A002
        """Notes that the next step is done."""
        step = self.get_object()
        with conflicts():
            return self.answer(services.complete_next_step(step, by=self.caller, at=now()))
