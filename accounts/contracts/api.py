"""Contracts on the REST API. Money is written in currency units, as a decimal."""

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

from accounts.contracts import services
from accounts.contracts.models import Contract
from accounts.foundation import money
from accounts.foundation.clock import now
from accounts.foundation.scope import Area
from accounts.portfolio.models import Account
from accounts.team.rest import Conflict, KeyField, Listed, ScopedViewSet, Strict
from accounts.workspace.queries import base_currency

TERMS = ["signed_at", "starts_on", "ends_on", "notice_days", "auto_renews", "seats"]


class ContractSerializer(serializers.ModelSerializer):
    """What an account bought for one term."""

    account = serializers.CharField(source="account.key", read_only=True)
    arr = serializers.SerializerMethodField(help_text="Yearly recurring revenue in currency units, such as 48000.00.")

    class Meta:
        model = Contract
        fields = ["key", "account", "arr", "currency", *TERMS, "status"]
        read_only_fields = fields

    def get_arr(self, contract: Contract) -> str:
        return money.decimal_text(contract.arr_minor, contract.currency)


class ContractDraft(Strict, serializers.ModelSerializer):
    """A signed contract."""

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
        fields = ["account", "arr", "currency", *TERMS, "replaces"]
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
        return _in_minor_units(attrs)


def _in_minor_units(attrs: dict[str, Any]) -> dict[str, Any]:
    currency = attrs.setdefault("currency", base_currency())
    if currency != base_currency():
        raise ValidationError({"currency": f"Contracts are kept in {base_currency()}; convert the amount first."})
    try:
        attrs["arr_minor"] = money.to_minor(attrs.pop("arr"), currency)
    except Invalid as refused:
        raise ValidationError({"arr": refused.messages}) from None
    return attrs


class ContractFilters(filters.FilterSet):
    account = filters.CharFilter("account__key", label="Key of the account.")
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
    queryset = Contract.objects.select_related("account")
    serializer_class = ContractSerializer
    filterset_class = ContractFilters

    @extend_schema(request=ContractDraft, responses={201: ContractSerializer}, examples=[SIGN])
    def create(self, request: Request) -> Response:
        """Signs a contract: the account's ARR moves with it."""
        values, at = self.body(ContractDraft), now()
        values.setdefault("signed_at", at)
        contract = services.sign(values.pop("account"), by=self.caller, at=at, **values)
        return self.answer(contract, code=201)

    @extend_schema(request=None, responses=ContractSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, key: str) -> Response:
        """Notes the customer's notice: the contract runs to its end and does not renew."""
        contract = self.get_object()
        if contract.status != Contract.Status.ACTIVE:
            raise Conflict(f"This contract is {contract.get_status_display().lower()} already.")
        return self.answer(services.cancel(contract, by=self.caller, at=now()))


ROUTES = {"contracts": ContractViewSet}
