from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.foundation.clock import now
from accounts.foundation.scope import Area
from accounts.outbox import queries, services
from accounts.outbox.models import Delivery, DeliveryAttempt, WebhookEndpoint
from accounts.outbox.registry import purposes, transports
from accounts.team.filters import InstantFilter, NumberOf
from accounts.team.rest import Conflict, Listed, NumberedViewSet

STATUSES = [(name, label) for name, (label, _) in queries.STATUSES.items()]


class DeliverySerializer(serializers.ModelSerializer):
    """One message to one recipient, and what became of it."""

    account = serializers.CharField(source="account.key", allow_null=True, read_only=True)
    user = serializers.CharField(source="user.username", allow_null=True, read_only=True)
    endpoint = serializers.IntegerField(source="endpoint_id", allow_null=True, read_only=True)
    stakeholder = serializers.IntegerField(source="stakeholder_id", allow_null=True, read_only=True)
    status = serializers.SerializerMethodField(help_text="What became of it.")
    subject = serializers.CharField(source="body.subject", read_only=True, default="")
    because = serializers.SerializerMethodField(help_text="What a gate or the other side said.")

    class Meta:
        model = Delivery
        fields = [
            *("id", "channel", "purpose", "key", "account", "user", "stakeholder", "endpoint", "subject", "status"),
            *("because", "mode", "tries", "created_at", "next_attempt_at", "not_after", "ended_at", "read_at"),
        ]
        read_only_fields = fields

    def get_status(self, row: Delivery) -> str:
        return queries.status(row)

    def get_because(self, row: Delivery) -> str:
        return queries.because(row, queries.status(row))


class AttemptSerializer(serializers.ModelSerializer):
    """One try to send it."""

    class Meta:
        model = DeliveryAttempt
        fields = ["began_at", "ended_at", "answer"]
        read_only_fields = fields


class DeliveryDetailSerializer(DeliverySerializer):
    """A delivery with its words and its attempts."""

    text = serializers.CharField(source="body.text", read_only=True, default="")
    html = serializers.CharField(source="body.html", read_only=True, default="")
    attempts = AttemptSerializer(many=True, read_only=True)

    class Meta(DeliverySerializer.Meta):
        fields = [*DeliverySerializer.Meta.fields, "text", "html", "attempts"]
        read_only_fields = fields


class DeliveryFilters(filters.FilterSet):
    account = filters.CharFilter("account__key", label="Key of the account.")
    user = filters.CharFilter("user__username", label="Username of the recipient.")
    stakeholder = NumberOf("stakeholder", label="Id of the recipient.")
    endpoint = NumberOf("endpoint", label="Id of the webhook endpoint.")
    channel = filters.ChoiceFilter(choices=lambda: [(n, one.label) for n, one in transports.items()], label="Channel.")
    purpose = filters.ChoiceFilter(choices=lambda: [(n, one.label) for n, one in purposes.items()], label="Purpose.")
    status = filters.ChoiceFilter(choices=STATUSES, method="standing", label="What became of it.")
    after = InstantFilter("created_at", lookup_expr="gt", label="Booked after this instant.")
    before = InstantFilter("created_at", lookup_expr="lt", label="Booked before this instant.")

    def standing(self, rows: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return rows.filter(queries.STATUSES[value][1])


class DeliveryViewSet(Listed, NumberedViewSet):
    """What was sent, would have been sent, waits, or came to nothing; newest first."""

    area = Area.ACCOUNTS
    queryset = Delivery.objects.select_related("account", "user", "stakeholder", "endpoint", "body")
    filterset_class = DeliveryFilters
    order = "-created_at"

    def get_serializer_class(self) -> type[DeliverySerializer]:
        return DeliverySerializer if self.action == "list" else DeliveryDetailSerializer

    @extend_schema(request=None, responses=DeliveryDetailSerializer)
    @action(detail=True, methods=["post"], url_path="send-again")
    def send_again(self, request: Request, id: str) -> Response:  # noqa: A002
        """Sends what failed, waited too long or is unknown; a webhook also after it was sent. 409 where it cannot."""
        return self._decided(services.send_again)

    @extend_schema(request=None, responses=DeliveryDetailSerializer)
    @action(detail=True, methods=["post"])
    def arrived(self, request: Request, id: str) -> Response:  # noqa: A002
        """Says of a delivery of which it was unknown that it arrived. 409 where that is not in question."""
        return self._decided(services.it_arrived)

    @extend_schema(request=None, responses=DeliveryDetailSerializer)
    @action(detail=True, methods=["post"])
    def leave(self, request: Request, id: str) -> Response:  # noqa: A002
        """Leaves unsent what was given up. 409 where it was not."""
        return self._decided(services.leave_it)

    def _decided(self, verb: Any) -> Response:
        row = self.get_object()
        if row.endpoint_id and not self.caller.may_edit(WebhookEndpoint.AREA):
            raise PermissionDenied
        try:
            return self.answer(verb(row, by=self.caller, at=now()))
        except ValidationError as refused:
            raise Conflict(" ".join(refused.messages)) from None
