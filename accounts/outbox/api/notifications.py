"""What the caller is told in the console, on the REST API."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.foundation.clock import now
from accounts.foundation.scope import Area
from accounts.outbox import queries, services
from accounts.outbox.models import Delivery
from accounts.team.rest import Listed, NumberedViewSet


class NotificationSerializer(serializers.ModelSerializer):
    """One thing that the caller is told."""

    account = serializers.CharField(source="account.key", allow_null=True, read_only=True)
    subject = serializers.CharField(source="body.subject", read_only=True, default="")
    text = serializers.CharField(source="body.text", read_only=True, default="")
    link = serializers.CharField(
        source="body.link", read_only=True, default="", help_text="Where it leads to in the console; may be empty."
    )

    class Meta:
        model = Delivery
        fields = ["id", "account", "subject", "text", "link", "created_at", "read_at"]
        read_only_fields = fields


class NotificationViewSet(Listed, NumberedViewSet):
    """What the caller is told, newest first. Nobody sees what others are told."""

    area = Area.ACCOUNTS
    queryset = Delivery.objects.all()
    serializer_class = NotificationSerializer
    order = "-created_at"

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return Delivery.objects.none()
        return queries.notifications(self.caller)

    @extend_schema(request=None, responses=NotificationSerializer)
    @action(detail=True, methods=["post"])
    def read(self, request: Request, id: str) -> Response:  # noqa: A002
        """Notes that the caller has read it. Harmless when read before."""
        row = self.get_object()
        services.read(self.caller, at=now(), only=row.pk)
        return self.answer(self.get_object())
