"""Invoices on the REST API."""

from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.contracts.api import in_minor_units
from accounts.contracts.invoices import InvoiceDraft, in_turn, problems_of, save_invoices
from accounts.contracts.models import Contract, Invoice
from accounts.foundation import money
from accounts.foundation.clock import now
from accounts.foundation.scope import Area
from accounts.portfolio.models import Account
from accounts.team.filters import FlagFilter
from accounts.team.rest import KeyField, Listed, NumberedViewSet, Strict
from accounts.workspace.models import Source

SAID = ["number", "issued_on", "due_on", "currency", "is_recurring", "state", "paid_on", "payment_failed_at"]


class InvoiceSerializer(serializers.ModelSerializer):
    """One invoice, as a billing system knows it."""

    source = serializers.CharField(source="source.key", read_only=True)  # type: ignore[assignment]
    account = serializers.CharField(source="account.key", read_only=True)
    contract = serializers.CharField(source="contract.key", allow_null=True, read_only=True)
    amount = serializers.SerializerMethodField(help_text="In currency units, such as 4000.00.")

    class Meta:
        model = Invoice
        fields = ["id", "source", "external_id", "account", "contract", "amount", *SAID, "recorded_at"]
        read_only_fields = fields

    def get_amount(self, invoice: Invoice) -> str:
        return money.decimal_text(invoice.amount_minor, invoice.currency)


class InvoiceBody(Strict, serializers.ModelSerializer):
    """An invoice as its source tells of it: new, or with what is new about it."""

    source = KeyField(Source, scoped=False, listed=True, help_text="Key of the billing system.")  # type: ignore[assignment]
    external_id = serializers.CharField(max_length=200, help_text="What the source calls it.")
    account = KeyField(Account, help_text="Key of the account.")
    contract = KeyField(Contract, required=False, allow_null=True, help_text="Key of the contract it is for.")
    amount = serializers.DecimalField(
        max_digits=16, decimal_places=4, help_text="In currency units; negative for a credit note."
    )
    currency = serializers.CharField(
        required=False, min_length=3, max_length=3, help_text="Three letters; the workspace's currency where left out."
    )

    class Meta:
        model = Invoice
        fields = ["source", "external_id", "account", "contract", "amount", *SAID]
        validators: list[Any] = []  # an invoice that is known already is changed, not refused

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        contract = attrs.get("contract")
        if contract and contract.account_id != attrs["account"].pk:
            raise ValidationError({"contract": "This is a contract of another account."})
        values = in_minor_units(attrs, "amount", what="Invoices")
        source, account, contract = values.pop("source"), values.pop("account"), values.pop("contract", None)
        draft = InvoiceDraft(account_id=account.pk, contract_id=contract.pk if contract else None, **values)
        if problems := problems_of(draft):
            raise ValidationError(problems)
        return {"source": source, "draft": draft}


class InvoiceFilters(filters.FilterSet):
    account = filters.CharFilter("account__key", label="Key of the account.")
    source = filters.CharFilter("source__key", label="Key of the billing system.")
    external_id = filters.CharFilter(label="What the source calls it.")
    state = filters.ChoiceFilter(choices=Invoice.State.choices, label="State of the invoice.")
    is_recurring = FlagFilter(label="Whether it is for subscription.")
    issued_before = filters.DateFilter("issued_on", lookup_expr="lt", label="Issued before this day.")
    issued_after = filters.DateFilter("issued_on", lookup_expr="gt", label="Issued after this day.")


EXAMPLE = OpenApiExample(
    "A paid invoice",
    request_only=True,
    value={
        "source": "billing",
        "external_id": "in_1042",
        "account": "northwind-traders",
        "number": "2026-1042",
        "amount": "4000.00",
        "issued_on": "2026-01-01",
        "due_on": "2026-01-31",
        "state": "paid",
        "paid_on": "2026-01-20",
    },
)


class InvoiceViewSet(Listed, NumberedViewSet):
    """Invoices, the source of lifetime value and of late and failed payments."""

    area = Area.ACCOUNTS
    queryset = Invoice.objects.select_related("source", "account", "contract")
    serializer_class = InvoiceSerializer
    filterset_class = InvoiceFilters

    @extend_schema(request=InvoiceBody, responses={201: InvoiceSerializer, 200: InvoiceSerializer}, examples=[EXAMPLE])
    def create(self, request: Request) -> Response:
        """Saves an invoice: 201 where the source told of it for the first time, else 200. A repeat changes nothing."""
        values = self.body(InvoiceBody)
        source, draft = values["source"], values["draft"]
        with in_turn(source):
            is_known = self.is_known(source=source, external_id=draft.external_id)
            [invoice] = save_invoices([draft], source=source, by=self.caller, at=now())
        return self.answer(invoice, code=200 if is_known else 201)


ROUTES = {"invoices": InvoiceViewSet}
