"""Facts of accounts, and their catalogue, on the REST API."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError as Invalid
from django.http import Http404
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.facts import services
from accounts.facts.bulk import FactsItem, below_values, read_told, told_values
from accounts.facts.catalogue import Fact, Group, Type, Use
from accounts.facts.lookup import catalogue, find
from accounts.facts.models import AccountFacts, CustomFact
from accounts.facts.queries import BY_API, origin, value_of
from accounts.facts.services import FactDraft
from accounts.foundation.clock import now
from accounts.foundation.keys import KEY_LENGTH, validate_key
from accounts.foundation.scope import Area
from accounts.ingestion.bulk.api import door
from accounts.portfolio.api import OF_ACCOUNT, AccountField, OfAccountViewSet, account_fields
from accounts.team.rest import KeyField, Listed, ScopedViewSet, Strict, Whole
from accounts.workspace.models import Source
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


class CustomFactSerializer(serializers.ModelSerializer):
    """A fact that this installation adds to the catalogue."""

    label = serializers.CharField(read_only=True)  # type: ignore[assignment]
    type = serializers.ChoiceField(_choices(Type), read_only=True)
    use = serializers.ChoiceField(_choices(Use), read_only=True, help_text="What it may be used for.")

    class Meta:
        model = CustomFact
        fields = ["key", "label", "type", "meaning", "unit", "use"]
        read_only_fields = fields


class CustomFactChange(Strict):
    """What may change of a custom fact. Key and type stay: conditions were checked against both."""

    label = serializers.CharField(max_length=80, required=False)  # type: ignore[assignment]
    meaning = serializers.CharField(max_length=250, required=False, help_text="What the value says, in one sentence.")
    unit = serializers.CharField(max_length=40, required=False, allow_blank=True)
    use = serializers.ChoiceField(_choices(Use), required=False, help_text="What it may be used for.")


class CustomFactDraft(CustomFactChange):
    """A new custom fact."""

    key = serializers.CharField(max_length=KEY_LENGTH, validators=[validate_key])
    label = serializers.CharField(max_length=80)
    type = serializers.ChoiceField(_choices(Type))
    meaning = serializers.CharField(max_length=250, help_text="What the value says, in one sentence.")


class CustomFactViewSet(Listed, ScopedViewSet):
    """Facts that this installation adds to those of the product."""

    area = Area.DEFINITIONS
    queryset = CustomFact.objects.all()
    serializer_class = CustomFactSerializer

    @extend_schema(request=CustomFactDraft, responses={201: CustomFactSerializer})
    def create(self, request: Request) -> Response:
        """Adds a fact. It is unknown for every account until somebody tells its value."""
        values = self.body(CustomFactDraft)
        if CustomFact.objects.filter(key=values["key"]).exists():
            raise ValidationError({"key": "There is a custom fact with this key already."})
        return self._defined(FactDraft(**values), code=201)

    @extend_schema(request=CustomFactChange, responses=CustomFactSerializer)
    def partial_update(self, request: Request, key: str) -> Response:
        """Changes how a fact is called, what it means and what it may be used for."""
        row, values = self.get_object(), self.body(CustomFactChange)
        kept = {name: getattr(row, name) for name in CustomFactSerializer.Meta.fields}
        return self._defined(FactDraft(**{**kept, **values}), code=200)

    def _defined(self, draft: FactDraft, *, code: int) -> Response:
        try:
            return self.answer(services.define(draft, by=self.caller, at=now()), code=code)
        except Invalid as refused:
            raise ValidationError(refused.message_dict) from None


class ValuesDraft(Strict):
    """Values of custom facts of one account."""

    values = told_values()
    source = KeyField(  # type: ignore[assignment]
        Source, scoped=False, listed=True, required=False, help_text="Key of the source that says so, if it is one."
    )


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
        return self._told(row)

    def _told(self, row: AccountFacts | None) -> Response:
        known = [_known(fact, row) for fact in catalogue().values()]
        return Response({"next": None, "results": FactSerializer(known, many=True).data})

    @extend_schema(request=ValuesDraft, responses={200: FactSerializer(many=True)})
    def create(self, request: Request, account: str) -> Response:
        """Sets values of custom facts, null for unknown; facts that are left out stay. All of them, or none."""
        found, values = self.account(), self.body(ValuesDraft)
        source = values["source"].key if "source" in values else BY_API
        try:
            services.set_told(found, read_told(values["values"]), source=source, by=self.caller, at=now())
        except Invalid as refused:
            raise below_values(refused) from None
        return self._told(AccountFacts.objects.get(account=found))


def _known(fact: Fact, row: AccountFacts | None) -> dict[str, Any]:
    source, observed = origin(fact, row)
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
        column="facts__stage",
        joined=("facts",),
        narrowed_by={"stage": filters.CharFilter("facts__stage", label=STAGE)},
    ),
)

EXAMPLE = {
    "source": "warehouse",
    "items": [
        {"account": "northwind-traders", "values": {"power_users": 12}},
        {"account_id": "acct-7", "values": {"power_users": None, "plan_score": 0.8}},
    ],
}
BULK = door(
    FactsItem,
    name="facts",
    about="Sets values of custom facts of up to 1,000 accounts, null for unknown; facts that are left out stay. "
    "Every item stands for itself: bad ones are named with their place and cost the others nothing.",
    example=EXAMPLE,
)
ROUTES = {
    **BULK,
    "fact-definitions": DefinitionViewSet,
    "custom-facts": CustomFactViewSet,
    f"{OF_ACCOUNT}/facts": FactViewSet,
}
