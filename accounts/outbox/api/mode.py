"""The outbound mode of the installation on the REST API."""

from typing import Any

from django.core.exceptions import ValidationError as Invalid
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.foundation.clock import now
from accounts.foundation.scope import Area
from accounts.team.rest import ScopedViewSet, Strict
from accounts.workspace import services
from accounts.workspace.models import Workspace
from accounts.workspace.queries import workspace

ENTRY = 254


class OutboundModeSerializer(serializers.ModelSerializer):
    """To whom the installation may send."""

    mode = serializers.ChoiceField(Workspace.OutboundMode.choices, source="outbound_mode", read_only=True)
    allowed = serializers.ListField(
        child=serializers.CharField(), source="outbound_allowed", read_only=True, help_text="Addresses and domains."
    )

    class Meta:
        model = Workspace
        fields = ["mode", "allowed"]
        read_only_fields = fields


class OutboundModeDraft(Strict):
    """What is to change; what is left out stays."""

    mode = serializers.ChoiceField(Workspace.OutboundMode.choices, required=False, help_text="To whom it may send.")
    allowed = serializers.ListField(
        child=serializers.CharField(max_length=ENTRY),
        max_length=services.MOST_ALLOWED,
        required=False,
        help_text="E-mail addresses and domains that mode allowlist may write to.",
    )


class OutboundModeViewSet(ScopedViewSet):
    """The outbound mode. What a mode kept back stays back when the mode changes."""

    area = Area.SETTINGS
    queryset = Workspace.objects.all()
    serializer_class = OutboundModeSerializer
    pagination_class = None

    @extend_schema(operation_id="outbound_mode_read", responses=OutboundModeSerializer)
    def retrieve(self, request: Request) -> Response:
        """The mode, and who is on the allow-list."""
        self.filter_queryset(Workspace.objects.none())
        return Response(OutboundModeSerializer(workspace()).data)

    @extend_schema(operation_id="outbound_mode_change", request=OutboundModeDraft, responses=OutboundModeSerializer)
    def partial_update(self, request: Request) -> Response:
        """Changes the mode or the allow-list. Only for those who may change the settings of the installation."""
        here, values = workspace(), self.body(OutboundModeDraft)
        given: dict[str, Any] = {"mode": here.outbound_mode, "allowed": here.outbound_allowed} | values
        try:
            changed = services.set_outbound(**given, by=self.caller, at=now())
        except Invalid as refused:
            told = refused.message_dict if hasattr(refused, "error_dict") else {"mode": refused.messages}
            raise ValidationError(told) from None
        return Response(OutboundModeSerializer(changed).data)
