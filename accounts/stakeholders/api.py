"""Stakeholders on the REST API."""

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
from accounts.stakeholders import services, user_api
from accounts.stakeholders.models import Stakeholder, StakeholderRole, StakeholderTopic
from accounts.team.rest import KeyField, Listed, NumberedViewSet, Strict, optional

Role = StakeholderRole.Role
Topic = StakeholderTopic.Topic
FIELDS = ["name", "email", "title", "influence", "sentiment", "last_engaged_at", "left_at"]


class StakeholderSerializer(serializers.ModelSerializer):
    """A person at the customer with a part in buying or keeping the product."""

    account = serializers.CharField(source="account.key", read_only=True)
    influence = optional(Stakeholder.Influence)
    sentiment = optional(Stakeholder.Sentiment)
    roles = serializers.SerializerMethodField(help_text="Parts in the buying committee.")
    topics = serializers.SerializerMethodField(help_text="What they said they want to hear about.")

    class Meta:
        model = Stakeholder
        fields = ["id", "account", *FIELDS, "roles", "topics"]
        read_only_fields = fields

    def get_roles(self, stakeholder: Stakeholder) -> list[str]:
        return sorted(row.role for row in stakeholder.roles.all())

    def get_topics(self, stakeholder: Stakeholder) -> list[str]:
        return sorted(row.topic for row in stakeholder.topics.all())


class StakeholderChange(Strict, serializers.ModelSerializer):
    """What may be changed of a stakeholder; `roles` and `topics` are whole lists, not additions."""

    roles = serializers.ListField(child=serializers.ChoiceField(Role.choices), required=False, max_length=20)
    topics = serializers.ListField(child=serializers.ChoiceField(Topic.choices), required=False, max_length=20)

    class Meta:
        model = Stakeholder
        fields = [*FIELDS, "roles", "topics"]


class StakeholderDraft(StakeholderChange):
    """A new stakeholder."""

    account = KeyField(Account, help_text="Key of the account.")
    came_back = serializers.BooleanField(
        default=False, help_text="True: they had asked us to forget them, and came back by their own wish."
    )

    class Meta(StakeholderChange.Meta):
        fields = ["account", *FIELDS, "roles", "topics", "came_back"]


class StakeholderFilters(filters.FilterSet):
    account = filters.CharFilter("account__key", label="Key of the account.")
    role = filters.ChoiceFilter(choices=Role.choices, method="playing", label="A part in the buying committee.")
    topic = filters.ChoiceFilter(choices=Topic.choices, method="hearing", label="What they want to hear about.")
    email = filters.CharFilter("email", lookup_expr="iexact", label="E-mail address.")
    search = filters.CharFilter("name", lookup_expr="icontains", label="Part of the name.")

    def playing(self, rows: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return rows.filter(roles__role=value)

    def hearing(self, rows: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return rows.filter(topics__topic=value)


ADD = OpenApiExample(
    "A champion",
    request_only=True,
    value={
        "account": "northwind-traders",
        "name": "Ada Moreau",
        "email": "ada@northwind.example",
        "roles": ["champion"],
        "topics": ["product_news"],
    },
)


class StakeholderViewSet(Listed, NumberedViewSet):
    """People at the customers."""

    area = Area.ACCOUNTS
    queryset = Stakeholder.objects.select_related("account").prefetch_related("roles", "topics")
    serializer_class = StakeholderSerializer
    filterset_class = StakeholderFilters

    @extend_schema(request=StakeholderDraft, responses={201: StakeholderSerializer}, examples=[ADD])
    def create(self, request: Request) -> Response:
        """Adds a stakeholder to an account."""
        values = self.body(StakeholderDraft)
        stakeholder = services.add(values.pop("account"), by=self.caller, at=now(), **values)
        return self.answer(stakeholder, code=201)

    @extend_schema(request=StakeholderChange, responses=StakeholderSerializer)
    def partial_update(self, request: Request, id: str) -> Response:  # noqa: A002
        """Changes the fields that are given."""
        stakeholder = self.get_object()
        values = self.body(StakeholderChange, partial=True)
        return self.answer(services.change(stakeholder, by=self.caller, at=now(), **values))


ROUTES = {"stakeholders": StakeholderViewSet, **user_api.ROUTES}
