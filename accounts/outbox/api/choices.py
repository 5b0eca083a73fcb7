"""How the caller hears of what, on the REST API."""

from typing import Any

from django.core.exceptions import ValidationError as Invalid
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.foundation.clock import now
from accounts.foundation.scope import Area
from accounts.outbox import choices
from accounts.outbox.models import NoticeChoice, Way
from accounts.team.rest import ScopedViewSet, Strict


class NoticeChoicesSerializer(serializers.Serializer):
    """How the caller hears of each kind of notice, and when the daily digest comes."""

    ways = serializers.DictField(
        child=serializers.ChoiceField(Way.choices), help_text="Kind of notice → how the caller hears of it."
    )
    digest_hour = serializers.IntegerField(help_text="Hour of the day in the caller's zone, on their working days.")


class NoticeChoicesDraft(Strict):
    """What is to change; what is left out stays."""

    ways = serializers.DictField(
        child=serializers.ChoiceField(Way.choices), required=False, help_text="Kind of notice → how to hear of it."
    )
    digest_hour = serializers.IntegerField(required=False, min_value=0, max_value=23, help_text="0 to 23.")


class NoticeChoicesViewSet(ScopedViewSet):
    """The caller's own choices; nobody chooses for somebody else."""

    area = Area.ACCOUNTS
    self_service = True
    queryset = NoticeChoice.objects.all()
    serializer_class = NoticeChoicesSerializer
    pagination_class = None

    @extend_schema(operation_id="notice_choices_read", responses=NoticeChoicesSerializer)
    def retrieve(self, request: Request) -> Response:
        """Every kind of notice with the caller's way, or that of their role where they chose none."""
        self.filter_queryset(NoticeChoice.objects.none())
        return self._shown()

    @extend_schema(operation_id="notice_choices_change", request=NoticeChoicesDraft, responses=NoticeChoicesSerializer)
    def partial_update(self, request: Request) -> Response:
        """Changes how the caller hears of these kinds of notice, or when the digest comes."""
        values: dict[str, Any] = self.body(NoticeChoicesDraft)
        try:
            choices.choose(self.caller, values.get("ways", {}), by=self.caller, at=now())
        except Invalid as refused:
            raise ValidationError(refused.message_dict) from None
        if "digest_hour" in values:
            choices.set_digest_hour(self.caller, hour=values["digest_hour"], by=self.caller, at=now())
        return self._shown()

    def _shown(self) -> Response:
        user = self.caller
        found = {"ways": choices.ways_of([user])[user.pk], "digest_hour": choices.digest_hour(user)}
        return Response(NoticeChoicesSerializer(found).data)
