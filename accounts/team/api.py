"""Users, teams, and who is asking."""

from typing import Any

from django.db import models
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.foundation.scope import Area
from accounts.team.filters import FlagFilter
from accounts.team.models import ApiKey, Grant, Team, User
from accounts.team.rest import USERNAME, Listed, ScopedViewSet, people


class UserSerializer(serializers.ModelSerializer):
    """One of our people."""

    name = serializers.CharField(source="__str__", read_only=True)
    role = serializers.CharField(source="role.key", allow_null=True, read_only=True)
    team = serializers.CharField(source="team.key", allow_null=True, read_only=True)

    class Meta:
        model = User
        fields = ["username", "name", "email", "role", "team", "time_zone", "is_active"]
        read_only_fields = fields


class UserFilters(filters.FilterSet):
    team = filters.CharFilter("team__key", label="Key of the team.")
    role = filters.CharFilter("role__key", label="Key of the role.")
    is_active = FlagFilter(label="Whether they may sign in.")
    search = filters.CharFilter(method="named", label="Part of the name, username or e-mail address.")

    def named(self, rows: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        fields = ("username", "first_name", "last_name", "email")
        found = models.Q()
        for field in fields:
            found |= models.Q(**{f"{field}__icontains": value})
        return rows.filter(found)


class UserViewSet(Listed, ScopedViewSet):
    """Our own people: who can own accounts and work."""

    area = Area.PEOPLE
    queryset = people().select_related("role", "team")
    serializer_class = UserSerializer
    filterset_class = UserFilters
    lookup_field = "username"
    lookup_shape = USERNAME


class TeamSerializer(serializers.ModelSerializer):
    """A group of people who share a book."""

    manager = serializers.CharField(source="manager.username", allow_null=True, read_only=True)
    members: serializers.Field = serializers.SlugRelatedField(
        slug_field="username", many=True, read_only=True, help_text="Usernames of those on the team."
    )

    class Meta:
        model = Team
        fields = ["key", "name", "manager", "members"]
        read_only_fields = fields


class TeamViewSet(Listed, ScopedViewSet):
    """Teams, with who leads them and who is on them."""

    area = Area.PEOPLE
    queryset = Team.objects.select_related("manager").prefetch_related(
        models.Prefetch("members", queryset=people().order_by("username"))
    )
    serializer_class = TeamSerializer


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


ROUTES = {"users": UserViewSet, "teams": TeamViewSet}
