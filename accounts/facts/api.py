"""Facts of accounts, and their catalogue, on the REST API."""

import datetime as dt
from typing import Any

from django.http import Http404
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.facts.catalogue import Fact, Group, Type, Use
from accounts.facts.lookup import catalogue, find
from accounts.facts.models import AccountFacts
from accounts.facts.queries import value_of
from accounts.foundation.scope import Area
from accounts.portfolio.api import OF_ACCOUNT, AccountField, OfAccountViewSet, account_fields
from accounts.team.rest import ScopedViewSet, Whole
from accounts.workspace.queries import base_currency

VALUE = {
    "type": ["number", "string", "boolean", "null"],
    "description": "A number (money in currency units), text, true or false, an ISO date or instant; null: unknown.",
}
STAGE = "Key of the stage in the primary lifecycle."


def _choices(names: Any) -> list[tuple[str, str]]:
    return [(name.value, name.value.capitalize()) for name in names]


def _unit(fact: Fact) -> str:
    return base_currency() if fact.type is Type.MONEY else fact.unit


class DefinitionSerializer(serializers.Serializer):
    """One fact that can be known about an account."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    type = serializers.ChoiceField(_choices(Type))
    unit = serializers.SerializerMethodField()
    meaning = serializers.CharField()
    group = serializers.ChoiceField(_choices(Group))
    use = serializers.ChoiceField(_choices(Use), help_text="What it may be used for.")

    def get_unit(self, fact: Fact) -> str:
        return _unit(fact)


class FactSerializer(serializers.Serializer):
    """One fact of one account: its value, where it comes from and when it was seen."""

    fact = serializers.CharField(help_text="Key of the fact.")
    label = serializers.CharField()  # type: ignore[assignment]
    value = serializers.SerializerMethodField(method_name="value_of")
    type = serializers.ChoiceField(_choices(Type))
    unit = serializers.CharField()
    source = serializers.CharField(help_text="Key of the source, contracts or lifecycle; empty while unknown.")  # type: ignore[assignment]
    observed_at = serializers.DateTimeField(allow_null=True)

    @extend_schema_field(VALUE)
    def value_of(self, known: dict[str, Any]) -> Any:
        return known["value"]


class DefinitionViewSet(ScopedViewSet):
    """The fact catalogue: what can be known about an account, and named in conditions."""

    area = Area.ACCOUNTS
    queryset = AccountFacts.objects.none()
    serializer_class = DefinitionSerializer
    pagination_class = Whole

    @extend_schema(responses=DefinitionSerializer(many=True))
    def list(self, request: Request) -> Response:
        """All facts, in the order of the catalogue."""
        self.filter_queryset(self.queryset)
        return Response({"next": None, "results": DefinitionSerializer(catalogue().values(), many=True).data})

    @extend_schema(responses=DefinitionSerializer, parameters=[OpenApiParameter("key", OpenApiTypes.STR, "path")])
    def retrieve(self, request: Request, key: str) -> Response:
        """One fact of the catalogue."""
        fact = find(key)
        if fact is None:
            raise Http404
        return Response(DefinitionSerializer(fact).data)


class FactViewSet(OfAccountViewSet):
    """What is known about one account now."""

    area = Area.ACCOUNTS
    queryset = AccountFacts.objects.all()
    serializer_class = FactSerializer
    pagination_class = Whole
    lookup_field = "account"

    @extend_schema(responses=FactSerializer(many=True))
    def list(self, request: Request, account: str) -> Response:
        """Every fact of the catalogue with its value, source and time; unknown ones are null."""
        row = self.filter_queryset(self.get_queryset()).filter(account=self.account()).first()
        known = [_known(fact, row) for fact in catalogue().values()]
        return Response({"next": None, "results": FactSerializer(known, many=True).data})


def _known(fact: Fact, row: AccountFacts | None) -> dict[str, Any]:
    source, observed = (row.provenance if row else {}).get(fact.key, ("", ""))
    return {
        "fact": fact.key,
        "label": fact.label,
        "value": value_of(fact, row, currency=base_currency()) if row else None,
        "type": fact.type.value,
        "unit": _unit(fact),
        "source": source,
        "observed_at": dt.datetime.fromisoformat(observed) if observed else None,
    }


account_fields.add(
    "stage",
    AccountField(
        shown=lambda: serializers.CharField(
            source="facts.stage",
            allow_null=True,
            read_only=True,
            help_text="Key of the stage in the primary lifecycle.",
        ),
        joined=("facts",),
        narrowed_by={"stage": filters.CharFilter("facts__stage", label=STAGE)},
    ),
)

ROUTES = {"fact-definitions": DefinitionViewSet, f"{OF_ACCOUNT}/facts": FactViewSet}
