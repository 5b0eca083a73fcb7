from typing import Any

from django.db import models
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.foundation.clock import now
from accounts.foundation.scope import Area
from accounts.portfolio.models import Account
from accounts.team.filters import FlagFilter, InstantFilter
from accounts.team.rest import KeyField, Listed, NumberedViewSet, PersonField, Strict
from accounts.touches import services
from accounts.touches.api.fields import conflicts, people
from accounts.touches.models import Touch
from accounts.touches.models.touch import LONGEST_TEXT

FIELDS = ["kind", "purpose", "direction", "is_two_way", "in_conversation", "happened_at", "minutes"]


class TouchSerializer(serializers.ModelSerializer):
    """One contact with a customer, or a note about them."""

    account = serializers.CharField(source="account.key", read_only=True)
    text = serializers.SerializerMethodField(help_text="What was said or agreed; empty where nothing was written.")
    stakeholders = serializers.SerializerMethodField(help_text="Ids of the people at the customer who took part.")
    colleagues = serializers.SerializerMethodField(help_text="Usernames of those of us who took part.")
    logged_by = serializers.CharField(
        source="logged_by.username", allow_null=True, read_only=True, help_text="Username; null for an import."
    )
    source = serializers.CharField(  # type: ignore[assignment]
        source="source.key", allow_null=True, read_only=True, help_text="Key of the system that told it."
    )

    class Meta:
        model = Touch
        fields = [
            "id",
            "account",
            *FIELDS,
            "text",
            "stakeholders",
            "colleagues",
            "logged_by",
            "recorded_at",
            "source",
            "external_id",
        ]
        read_only_fields = fields

    def get_text(self, touch: Touch) -> str:
        return touch.words.text if hasattr(touch, "words") else ""

    def get_stakeholders(self, touch: Touch) -> list[int]:
        return sorted(row.stakeholder_id for row in touch.attendees.all() if row.stakeholder_id)

    def get_colleagues(self, touch: Touch) -> list[str]:
        return sorted(row.user.username for row in touch.attendees.all() if row.user)


class TouchDraft(Strict, serializers.ModelSerializer):
    """A touch that happened."""

    account = KeyField(Account, help_text="Key of the account.")
    is_two_way = serializers.BooleanField(
        required=False,
        allow_null=True,
        help_text="Where left out: calls, meetings and e-mails from them went both ways.",
    )
    happened_at = serializers.DateTimeField(required=False, help_text="Now where left out.")
    text = serializers.CharField(
        required=False, allow_blank=True, max_length=LONGEST_TEXT, help_text="What was said or agreed."
    )
    stakeholders = people(help_text="Ids of the people at the customer who took part.")
    colleagues = serializers.ListField(
        child=PersonField(), required=False, max_length=50, help_text="Usernames of those of us who took part."
    )

    class Meta:
        model = Touch
        fields = ["account", *FIELDS, "text", "stakeholders", "colleagues"]
        extra_kwargs = {"minutes": {"min_value": 0, "max_value": 1440}}


class TouchChange(Strict):
    """What may be changed of a touch: its words."""

    text = serializers.CharField(allow_blank=True, max_length=LONGEST_TEXT, help_text="What was said or agreed.")


class TouchFilters(filters.FilterSet):
    account = filters.CharFilter("account__key", label="Key of the account.")
    kind = filters.ChoiceFilter(choices=Touch.Kind.choices, label="Kind of touch.")
    purpose = filters.ChoiceFilter(choices=Touch.Purpose.choices, label="What it was for.")
    is_two_way = FlagFilter(label="Whether somebody answered or was there.")
    after = InstantFilter("happened_at", lookup_expr="gt", label="Happened after this instant.")
    before = InstantFilter("happened_at", lookup_expr="lt", label="Happened before this instant.")


LOG = OpenApiExample(
    "A call",
    request_only=True,
    value={"account": "northwind-traders", "kind": "call", "purpose": "check_in", "text": "All well.", "minutes": 20},
)


class TouchViewSet(Listed, NumberedViewSet):
    """Contacts with customers, newest first."""

    area = Area.ACCOUNTS
    queryset: models.QuerySet[Any] = Touch.objects.select_related(
        "account", "words", "logged_by", "source"
    ).prefetch_related("attendees__user")
    serializer_class = TouchSerializer
    filterset_class = TouchFilters
    order = "-happened_at"

    @extend_schema(request=TouchDraft, responses={201: TouchSerializer}, examples=[LOG])
    def create(self, request: Request) -> Response:
        """Logs a touch; whoever took part counts as engaged, where it went both ways."""
        values = self.body(TouchDraft)
        touch = services.log(values.pop("account"), by=self.caller, at=now(), **values)
        return self.answer(touch, code=201)

    @extend_schema(request=TouchChange, responses=TouchSerializer)
    def partial_update(self, request: Request, id: str) -> Response:  # noqa: A002
        """Changes the words of a touch."""
        touch = self.get_object()
        values = self.body(TouchChange)
        return self.answer(services.change_text(touch, by=self.caller, at=now(), **values))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, id: str) -> Response:  # noqa: A002
        """Takes back a touch that the caller logged within the last day."""
        touch = self.get_object()
        with conflicts():
            services.delete(touch, by=self.caller, at=now())
        return Response(status=204)
