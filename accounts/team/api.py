"""Who is asking, and what they may do."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.foundation.scope import Area
from accounts.team.models import ApiKey, Grant, User


class GrantSerializer(serializers.ModelSerializer):
    """How far the caller reaches into one area, and whether they may change it."""

    class Meta:
        model = Grant
        fields = ["area", "reach", "access"]
        read_only_fields = fields


class KeySerializer(serializers.ModelSerializer):
    """The API key of the request; null in a session of the console."""

    source = serializers.CharField(source="source.key", allow_null=True, read_only=True)  # type: ignore[assignment]

    class Meta:
        model = ApiKey
        fields = ["name", "scope", "source", "expires_at"]
        read_only_fields = fields

    def get_attribute(self, user: User) -> ApiKey | None:
        """The key of the request."""
        key = self.context["request"].auth
        return key if isinstance(key, ApiKey) else None


class MeSerializer(serializers.Serializer):
    """Who is asking, and what they may do."""

    username = serializers.CharField()
    name = serializers.CharField(source="__str__")
    role = serializers.CharField(source="role.key", allow_null=True)
    team = serializers.CharField(source="team.key", allow_null=True)
    stands_in_for: serializers.Field = serializers.SerializerMethodField(
        help_text="Usernames of those whose work is the caller's at present."
    )
    grants = serializers.SerializerMethodField()
    key = KeySerializer(read_only=True, allow_null=True)

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_stands_in_for(self, user: User) -> list[str]:
        return list(User.objects.filter(pk__in=user.covered).order_by("username").values_list("username", flat=True))

    @extend_schema_field(GrantSerializer(many=True))
    def get_grants(self, user: User) -> Any:
        return GrantSerializer(sorted(user.grants.values(), key=lambda grant: grant.area), many=True).data


class MeView(APIView):
    """Who is asking: the user, or the API key and the user it acts as; with the grants of their role."""

    area = Area.PEOPLE

    @extend_schema(responses=MeSerializer, operation_id="me_retrieve")
    def get(self, request: Request) -> Response:
        return Response(MeSerializer(request.user, context={"request": request}).data)
