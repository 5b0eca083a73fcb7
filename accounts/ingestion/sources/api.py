"""Sources on the REST API: systems that tell us things, and the keys with which they send."""

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
from accounts.foundation.keys import KEY_LENGTH, validate_key
from accounts.foundation.scope import Area
from accounts.ingestion.sources import services
from accounts.team.rest import Listed, ScopedViewSet, Strict
from accounts.workspace import services as workspace
from accounts.workspace.models import Source
from accounts.workspace.queries import is_stale


class SourceSerializer(serializers.ModelSerializer):
    """A system that tells us things."""

    is_stale = serializers.SerializerMethodField(help_text="Silent for longer than it may be: its facts are unknown.")

    class Meta:
        model = Source
        fields = ["key", "name", "kind", "stale_after_hours", "accepts_proposals", "last_delivery_at", "is_stale"]
        read_only_fields = fields

    def get_is_stale(self, source: Source) -> bool:
        return is_stale(source, at=now())


class SourceChange(Strict):
    """What may change of a source. Its key stays."""

    name = serializers.CharField(max_length=100, required=False)
    kind = serializers.ChoiceField(Source.Kind.choices, required=False)
    stale_after_hours = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=8760,
        help_text="Silent for longer than this, the source's facts read as unknown.",
    )
    accepts_proposals = serializers.BooleanField(
        required=False, help_text="A won deal becomes a contract by itself where nothing is missing."
    )


class SourceDraft(SourceChange):
    """A new source."""

    name = serializers.CharField(max_length=100)
    key = serializers.CharField(
        required=False,
        max_length=KEY_LENGTH,
        validators=[validate_key],
        help_text="Names it in every other call; made from the name where left out.",
    )

    def validate_key(self, key: str) -> str:
        if Source.objects.filter(key=key).exists():
            raise ValidationError(f"There is a source with the key {key!r} already.")
        return key


class SourceFilters(filters.FilterSet):
    kind = filters.ChoiceFilter(choices=Source.Kind.choices, label="Kind of system.")


class WriteKeyDraft(Strict):
    """How the new key stands to the earlier ones."""

    only = serializers.BooleanField(default=False, help_text="Ends the earlier write keys of the source at once.")


class WriteKeySerializer(serializers.Serializer):
    """A write key. Nobody can read it again."""

    source = serializers.CharField(help_text="Key of the source.")  # type: ignore[assignment]
    write_key = serializers.CharField()


CREATE = OpenApiExample(
    "A product that may be silent for a day",
    request_only=True,
    value={"name": "Product", "kind": "product", "stale_after_hours": 24},
)


class SourceViewSet(Listed, ScopedViewSet):
    """Systems that send signals, with their last delivery."""

    area = Area.SIGNALS
    queryset = Source.objects.all()
    serializer_class = SourceSerializer
    filterset_class = SourceFilters

    @extend_schema(request=SourceDraft, responses={201: SourceSerializer}, examples=[CREATE])
    def create(self, request: Request) -> Response:
        """Connects a source. Its write key is made by a call of its own."""
        values: dict[str, Any] = self.body(SourceDraft)
        return self.answer(_named(workspace.create_source, by=self.caller, at=now(), **values), code=201)

    @extend_schema(request=SourceChange, responses=SourceSerializer)
    def partial_update(self, request: Request, key: str) -> Response:
        """Changes the name, the kind or how long it may be silent."""
        source, values = self.get_object(), self.body(SourceChange)
        return self.answer(_named(workspace.change_source, source, by=self.caller, at=now(), **values))

    @extend_schema(request=WriteKeyDraft, responses={201: WriteKeySerializer})
    @action(detail=True, methods=["post"], url_path="write-keys")
    def write_keys(self, request: Request, key: str) -> Response:
        """A new write key, with which the source sends signals. It is in this answer and nowhere else."""
        source, values = self.get_object(), self.body(WriteKeyDraft)
        text = services.new_key(source, by=self.caller, at=now(), **values)
        return Response({"source": source.key, "write_key": text}, status=201)


def _named(verb: Any, *args: Any, **values: Any) -> Source:
    """Calls a service; its refusal names the field."""
    try:
        return verb(*args, **values)
    except Invalid as refused:
        raise ValidationError(refused.message_dict) from None


ROUTES = {"sources": SourceViewSet}
