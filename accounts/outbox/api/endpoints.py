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
from accounts.outbox.api.deliveries import DeliverySerializer
from accounts.outbox.endpoints import services
from accounts.outbox.models import WebhookEndpoint
from accounts.team.rest import Conflict, Listed, NumberedViewSet, Strict


class WebhookEndpointSerializer(serializers.ModelSerializer):
    """An address that hears of events."""

    kinds = serializers.ListField(child=serializers.CharField(), read_only=True, help_text="Empty: every kind.")

    class Meta:
        model = WebhookEndpoint
        fields = [
            *("id", "name", "url", "kinds", "state", "disabled_reason", "failures", "resting_until"),
            *("last_answer_at", "last_failure_at", "last_failure", "created_at"),
        ]
        read_only_fields = fields


class WithSecretSerializer(WebhookEndpointSerializer):
    """An endpoint with its signing secret, which is in this answer and nowhere else."""

    signing_secret = serializers.SerializerMethodField(help_text="As Standard Webhooks writes it: whsec_…")

    class Meta(WebhookEndpointSerializer.Meta):
        fields = [*WebhookEndpointSerializer.Meta.fields, "signing_secret"]
        read_only_fields = fields

    def get_signing_secret(self, endpoint: WebhookEndpoint) -> str:
        return str(self.context["signing_secret"])


class EndpointChange(Strict):
    """What may change of an endpoint."""

    name = serializers.CharField(max_length=120, required=False)
    url = serializers.CharField(max_length=500, required=False)
    kinds = serializers.ListField(
        child=serializers.CharField(max_length=40),
        required=False,
        max_length=200,
        help_text="Kinds of events such as stage.changed; empty: every kind.",
    )


class EndpointDraft(EndpointChange):
    """A new endpoint."""

    name = serializers.CharField(max_length=120)
    url = serializers.CharField(max_length=500)


class EndpointFilters(filters.FilterSet):
    state = filters.ChoiceFilter(choices=WebhookEndpoint.State.choices, label="State of the endpoint.")


CREATE = OpenApiExample(
    "Stages and won deals",
    request_only=True,
    value={"name": "Warehouse", "url": "https://hooks.example.com/holdfast", "kinds": ["stage.changed", "deal.won"]},
)


class WebhookEndpointViewSet(Listed, NumberedViewSet):
    """Other systems that hear of events, signed as Standard Webhooks describes."""

    area = Area.SETTINGS
    queryset = WebhookEndpoint.objects.all()
    serializer_class = WebhookEndpointSerializer
    filterset_class = EndpointFilters

    @extend_schema(request=EndpointDraft, responses={201: WithSecretSerializer}, examples=[CREATE])
    def create(self, request: Request) -> Response:
        """Adds an endpoint. Its signing secret is in this answer and nowhere else."""
        endpoint, secret = self._named(services.create, **self.body(EndpointDraft))
        return self._with_secret(endpoint, secret, code=201)

    @extend_schema(request=EndpointChange, responses=WebhookEndpointSerializer)
    def partial_update(self, request: Request, id: str) -> Response:  # noqa: A002
        """Changes the name, the address or the kinds of events."""
        endpoint, values = self.get_object(), self.body(EndpointChange)
        return self.answer(self._named(services.change, endpoint, **values))

    @extend_schema(request=None, responses={201: DeliverySerializer})
    @action(detail=True, methods=["post"])
    def test(self, request: Request, id: str) -> Response:  # noqa: A002
        """Sends a test, in every outbound mode. The answer names the delivery that tells how it went."""
        delivery = services.test(self.get_object(), by=self.caller, at=now())
        return Response(DeliverySerializer(delivery).data, status=201)

    @extend_schema(request=None, responses=WebhookEndpointSerializer)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, id: str) -> Response:  # noqa: A002
        """Lets what happens wait. 409 where it is not active."""
        return self._done(services.pause)

    @extend_schema(request=None, responses=WebhookEndpointSerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, id: str) -> Response:  # noqa: A002
        """Sends again, first what waited; also to an endpoint that was switched off or failed."""
        return self._done(services.resume)

    @extend_schema(request=None, responses=WebhookEndpointSerializer)
    @action(detail=True, methods=["post"], url_path="switch-off")
    def switch_off(self, request: Request, id: str) -> Response:  # noqa: A002
        """Nothing is sent there any more; what was sent stays on record."""
        return self._done(services.switch_off)

    @extend_schema(request=None, responses=WithSecretSerializer)
    @action(detail=True, methods=["post"], url_path="rotate-secret")
    def rotate_secret(self, request: Request, id: str) -> Response:  # noqa: A002
        """Makes a new signing secret, which is in this answer only; the one before signs along for a day."""
        endpoint = self.get_object()
        secret = services.rotate(endpoint, by=self.caller, at=now())
        return self._with_secret(endpoint, secret)

    def _done(self, verb: Any) -> Response:
        try:
            return self.answer(verb(self.get_object(), by=self.caller, at=now()))
        except Invalid as refused:
            raise Conflict(" ".join(refused.messages)) from None

    def _with_secret(self, endpoint: WebhookEndpoint, secret: str, *, code: int = 200) -> Response:
        context = {**self.get_serializer_context(), "signing_secret": secret}
        return Response(WithSecretSerializer(endpoint, context=context).data, status=code)

    def _named(self, verb: Any, *args: Any, **values: Any) -> Any:
        """Calls a service; its refusal names the field."""
        try:
            return verb(*args, by=self.caller, at=now(), **values)
        except Invalid as refused:
            raise ValidationError(refused.message_dict) from None
