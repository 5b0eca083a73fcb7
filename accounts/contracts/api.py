"""Contracts on the REST API. Money is written in currency units, as a decimal."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError as Invalid
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.catalogue.models import Product
from accounts.contracts import ledger_api, services
from accounts.contracts.models import Contract
from accounts.foundation import money
from accounts.foundation.clock import now
from accounts.foundation.scope import Area
from accounts.portfolio.models import Account
from accounts.team.rest import Conflict, KeyField, Listed, ScopedViewSet, Strict
from accounts.workspace.queries import base_currency

TERMS = ["signed_at", "starts_on", "ends_on", "notice_days", "auto_renews", "seats"]
MEASURE: dict[str, Any] = {"min_value": Decimal("0.0001"), "max_digits": 18, "decimal_places": 4}


class ContractSerializer(serializers.ModelSerializer):
    """What an account bought for one term."""

    account = serializers.CharField(source="account.key", read_only=True)
    arr = serializers.SerializerMethodField(help_text="Yearly recurring revenue in currency units, such as 48000.00.")
    product = serializers.CharField(source="product.key", allow_null=True, read_only=True, help_text="Its key.")
    replaces = serializers.CharField(
        source="replaces.key", allow_null=True, read_only=True, help_text="Key of the contract that it took over."
    )
    is_multi_year = serializers.BooleanField(read_only=True, help_text="Whether the term is two years or longer.")
    usage_target = serializers.FloatField(allow_null=True, read_only=True)
    fair_use_limit = serializers.FloatField(allow_null=True, read_only=True)

    class Meta:
        model = Contract
        fields = [
            *("key", "account", "arr", "currency", *TERMS, "is_multi_year", "status", "cancelled_at", "replaces"),
            *("product", *services.CHANGEABLE),
        ]
        read_only_fields = fields

    def get_arr(self, contract: Contract) -> str:
        return money.decimal_text(contract.arr_minor, contract.currency)


class ContractChange(Strict, serializers.ModelSerializer):
    """What may change without a new contract."""

    usage_target = serializers.DecimalField(
        **MEASURE, required=False, allow_null=True, help_text="How much use was agreed on."
    )
    fair_use_limit = serializers.DecimalField(
        **MEASURE, required=False, allow_null=True, help_text="From where on use is beyond the contract."
    )

    class Meta:
        model = Contract
        fields = list(services.CHANGEABLE)


class ContractDraft(ContractChange):
    """A signed contract."""

    product = KeyField(Product, scoped=False, listed=True, required=False, allow_null=True, help_text="Its key.")
    account = KeyField(Account, help_text="Key of the account.")
    arr = serializers.DecimalField(
        max_digits=16,
        decimal_places=4,
        min_value=Decimal(0),
        help_text="Yearly recurring revenue in currency units, as a number or as text.",
    )
    currency = serializers.CharField(
        required=False, min_length=3, max_length=3, help_text="Three letters; the workspace's currency where left out."
    )
    signed_at = serializers.DateTimeField(required=False, help_text="Now where left out.")
    replaces = KeyField(
        Contract, required=False, help_text="Key of the contract whose term or size this one takes over."
    )

    class Meta:
        model = Contract
        fields = ["account", "arr", "currency", *TERMS, "replaces", "product", *services.CHANGEABLE]
        extra_kwargs = {
            "notice_days": {"min_value": 0, "max_value": 3650},
            "seats": {"min_value": 0, "max_value": 10_000_000},
        }

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["ends_on"] <= attrs["starts_on"]:
            raise ValidationError({"ends_on": "A contract ends after it starts."})
        replaced = attrs.get("replaces")
        if replaced and replaced.account_id != attrs["account"].pk:
            raise ValidationError({"replaces": "This is a contract of another account."})
        if replaced and replaced.status != Contract.Status.ACTIVE:
            raise ValidationError({"replaces": f"This contract is {replaced.get_status_display().lower()} already."})
        return in_minor_units(attrs, "arr", what="Contracts")


def in_minor_units(attrs: dict[str, Any], name: str, *, what: str) -> dict[str, Any]:
    """`attrs` with the amount `name` in minor units of the base currency, the only one that is kept."""
    currency = attrs.setdefault("currency", base_currency())
    if currency != base_currency():
        raise ValidationError({"currency": f"{what} are kept in {base_currency()}; convert the amount first."})
    try:
        attrs[f"{name}_minor"] = money.to_minor(attrs.pop(name), currency)
    except Invalid as refused:
        raise ValidationError({name: refused.messages}) from None
    return attrs


class CancelDraft(Strict):
    """When the customer gave notice."""

    cancelled_at = serializers.DateTimeField(required=False, help_text="Now where left out.")

    def validate_cancelled_at(self, given: dt.datetime) -> dt.datetime:
        if given > now():
            raise ValidationError("Notice is noted once it has been given; this lies ahead.")
        return given


class CorrectDraft(Strict):
    """What was agreed, where something else was entered."""

    arr = serializers.DecimalField(
        max_digits=16, decimal_places=4, min_value=Decimal(0), help_text="In currency units, as a number or as text."
    )
    reason = serializers.CharField(max_length=services.LONGEST_REASON, help_text="What was wrong, in a sentence.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return in_minor_units(attrs, "arr", what="Contracts")


class ContractFilters(filters.FilterSet):
    account = filters.CharFilter("account__key", label="Key of the account.")
    product = filters.CharFilter("product__key", label="Key of the product.")
    billing_status = filters.ChoiceFilter(choices=Contract.Billing.choices, label="How the account pays for it.")
    status = filters.ChoiceFilter(choices=Contract.Status.choices, label="Status of the contract.")
    ends_before = filters.DateFilter("ends_on", lookup_expr="lt", label="Ends before this day.")
    ends_after = filters.DateFilter("ends_on", lookup_expr="gt", label="Ends after this day.")


SIGN = OpenApiExample(
    "A contract over one year",
    request_only=True,
    value={
        "account": "northwind-traders",
        "arr": "48000.00",
        "currency": "USD",
        "signed_at": "2026-01-15T10:00:00Z",
        "starts_on": "2026-02-01",
        "ends_on": "2027-01-31",
        "notice_days": 60,
    },
)


class ContractViewSet(Listed, ScopedViewSet):
    """Contracts, the source of ARR and of the contract's end."""

    area = Area.ACCOUNTS
    queryset = Contract.objects.select_related("account", "product", "replaces")
    serializer_class = ContractSerializer
    filterset_class = ContractFilters

    @extend_schema(request=ContractDraft, responses={201: ContractSerializer}, examples=[SIGN])
    def create(self, request: Request) -> Response:
        """Signs a contract: the account's ARR moves with it."""
        values, at = self.body(ContractDraft), now()
        values.setdefault("signed_at", at)
        contract = services.sign(values.pop("account"), by=self.caller, at=at, **values)
        return self.answer(contract, code=201)

    @extend_schema(request=ContractChange, responses=ContractSerializer)
    def partial_update(self, request: Request, key: str) -> Response:
        """Changes what may change without a new contract. Price, term and product need one that replaces this."""
        contract = self.get_object()
        values = self.body(ContractChange, partial=True)
        if contract.status == Contract.Status.SUPERSEDED:
            raise Conflict("This contract was replaced; change the one that replaced it.")
        return self.answer(services.change(contract, by=self.caller, at=now(), **values))

    @extend_schema(request=CancelDraft, responses=ContractSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, key: str) -> Response:
        """Notes the customer's notice: the contract runs to its end and does not renew."""
        contract = self.get_object()
        values = self.body(CancelDraft)
        if contract.status != Contract.Status.ACTIVE:
            raise Conflict(f"This contract is {contract.get_status_display().lower()} already.")
        return self.answer(services.cancel(contract, by=self.caller, at=values.get("cancelled_at", now())))

    @extend_schema(request=CorrectDraft, responses=ContractSerializer)
    @action(detail=True, methods=["post"])
    def correct(self, request: Request, key: str) -> Response:
        """Puts an ARR right that was entered wrongly: it counts as neither expansion nor contraction."""
        contract = self.get_object()
        values = self.body(CorrectDraft)
        correction = {"arr_minor": values["arr_minor"], "reason": values["reason"]}
        try:
            return self.answer(services.correct(contract, by=self.caller, at=now(), **correction))
        except Invalid as refused:
            told = {name.removesuffix("_minor"): texts for name, texts in refused.message_dict.items()}
            raise ValidationError(told) from None


ROUTES = {"contracts": ContractViewSet, **ledger_api.ROUTES}
