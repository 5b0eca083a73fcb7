"""Deals on the REST API, and the contracts that won deals propose."""

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError as Invalid
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.catalogue.models import Product
from accounts.contracts.models import Contract
from accounts.deals import services
from accounts.deals.models import LONGEST_ID, LONGEST_TERM, ContractProposal, Deal
from accounts.foundation import money
from accounts.foundation.clock import now
from accounts.foundation.money import validate_currency
from accounts.foundation.scope import Area
from accounts.portfolio.models import Account
from accounts.team.filters import InstantFilter
from accounts.team.rest import Conflict, KeyField, Listed, NumberedViewSet, PersonField, Strict
from accounts.workspace.models import Source
from accounts.workspace.queries import base_currency

SAID = [
    *("type", "name", "phase", "state", "probability", "opened_at", "expected_close_on", "closed_at"),
    *("starts_on", "term_months", "seats", "lost_reason"),
]
AMOUNT: dict[str, Any] = {"max_digits": 16, "decimal_places": 4, "min_value": Decimal(0)}


def _text(minor: int | None, currency: str) -> str | None:
    return None if minor is None else money.decimal_text(minor, currency)


class ProposalSerializer(serializers.ModelSerializer):
    """The contract that a won deal would mean, and what was decided about it."""

    arr = serializers.SerializerMethodField(help_text="Of the whole contract a year, in currency units.")
    product = serializers.CharField(source="product.key", allow_null=True, read_only=True)
    replaces = serializers.CharField(
        source="replaces.key", allow_null=True, read_only=True, help_text="Key of the contract that it takes over."
    )
    contract = serializers.CharField(
        source="contract.key", allow_null=True, read_only=True, help_text="Key of the contract that was signed."
    )
    missing = serializers.ListField(
        child=serializers.CharField(), read_only=True, help_text="What a rule waits for before it accepts."
    )
    decided_by = serializers.CharField(
        source="decided_by.username", allow_null=True, read_only=True, help_text="Username; null: by rule."
    )

    class Meta:
        model = ContractProposal
        fields = [
            *("kind", "arr", "currency", "starts_on", "ends_on", "product", "seats", "replaces", "state", "missing"),
            *("proposed_at", "decided_at", "decided_by", "decline_reason", "contract"),
        ]
        read_only_fields = fields

    def get_arr(self, proposal: ContractProposal) -> str | None:
        return _text(proposal.arr_minor, proposal.currency)


class DealSerializer(serializers.ModelSerializer):
    """Something that Sales may sell to an account, as a CRM knows it."""

    source = serializers.CharField(  # type: ignore[assignment]
        source="source.key", allow_null=True, read_only=True, help_text="Key of the CRM; null: entered by hand."
    )
    account = serializers.CharField(source="account.key", read_only=True)
    amount = serializers.SerializerMethodField(help_text="A year, in currency units; null where it is not known.")
    product = serializers.CharField(source="product.key", allow_null=True, read_only=True)
    owner = serializers.CharField(source="owner.username", allow_null=True, read_only=True, help_text="Username.")
    proposal = serializers.SerializerMethodField(help_text="The contract that it would mean; null until it is won.")

    class Meta:
        model = Deal
        fields = ["id", "source", "external_id", "account", "amount", "currency", "product", "owner", *SAID, "proposal"]
        read_only_fields = fields

    def get_amount(self, deal: Deal) -> str | None:
        return _text(deal.amount_minor, deal.currency)

    @extend_schema_field(ProposalSerializer(allow_null=True))
    def get_proposal(self, deal: Deal) -> Any:
        proposal = getattr(deal, "proposal", None)
        return ProposalSerializer(proposal).data if proposal else None


class DealChange(Strict, serializers.ModelSerializer):
    """What may be changed of a deal."""

    amount = serializers.DecimalField(
        **AMOUNT,
        required=False,
        allow_null=True,
        help_text="A year, in currency units: what an expansion adds, or what the whole comes to.",
    )
    currency = serializers.CharField(
        required=False, min_length=3, max_length=3, help_text="Three letters; the workspace's currency where left out."
    )
    product = KeyField(Product, scoped=False, listed=True, required=False, allow_null=True, help_text="Its key.")
    owner = PersonField(required=False, allow_null=True, help_text="Username or e-mail address of who sells it.")

    class Meta:
        model = Deal
        fields = ["amount", "currency", "product", "owner", *SAID]
        extra_kwargs = {
            "probability": {"min_value": 0, "max_value": 100, "help_text": "In per cent."},
            "term_months": {"min_value": 1, "max_value": LONGEST_TERM, "help_text": "How long its term is."},
            "seats": {"min_value": 0, "max_value": 10_000_000},
            "opened_at": {"required": False, "help_text": "Now where left out."},
            "closed_at": {"help_text": "When it was won or lost; now where left out."},
        }

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        known = self.instance.currency if isinstance(self.instance, Deal) else base_currency()
        if "currency" in attrs and "amount" not in attrs:
            raise ValidationError({"currency": "Give the amount in this currency too."})
        if "amount" in attrs:
            currency = attrs.setdefault("currency", known)
            attrs["amount_minor"] = _minor(attrs.pop("amount"), currency)
        return attrs


def _minor(amount: Decimal | None, currency: str) -> int | None:
    try:
        validate_currency(currency)
    except Invalid as refused:
        raise ValidationError({"currency": refused.messages}) from None
    try:
        return None if amount is None else money.to_minor(amount, currency)
    except Invalid as refused:
        raise ValidationError({"amount": refused.messages}) from None


class DealDraft(DealChange):
    """A deal as its CRM tells of it: new, or with what is new about it."""

    source = KeyField(Source, scoped=False, listed=True, help_text="Key of the CRM.")  # type: ignore[assignment]
    external_id = serializers.CharField(max_length=LONGEST_ID, help_text="What the source calls it.")
    account = KeyField(Account, help_text="Key of the account.")

    class Meta(DealChange.Meta):
        fields = ["source", "external_id", "account", *DealChange.Meta.fields]
        validators: list[Any] = []  # a deal that is known already is changed, not refused


class AcceptDraft(Strict):
    """What was agreed on otherwise than proposed; what is left out is signed as proposed."""

    arr = serializers.DecimalField(**AMOUNT, required=False, help_text="Of the whole contract a year.")
    starts_on = serializers.DateField(required=False)
    ends_on = serializers.DateField(required=False)
    product = KeyField(Product, scoped=False, listed=True, required=False, allow_null=True, help_text="Its key.")
    seats = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=10_000_000)
    notice_days = serializers.IntegerField(required=False, min_value=0, max_value=3650)
    auto_renews = serializers.BooleanField(required=False)
    replaces = KeyField(
        Contract, required=False, allow_null=True, help_text="Key of the contract that it takes over; null: of none."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "arr" in attrs:
            try:
                attrs["arr_minor"] = money.to_minor(attrs.pop("arr"), base_currency())
            except Invalid as refused:
                raise ValidationError({"arr": refused.messages}) from None
        return attrs


class DeclineDraft(Strict):
    """Why no contract follows from the deal."""

    reason = serializers.CharField(max_length=services.LONGEST_REASON)


class DealFilters(filters.FilterSet):
    account = filters.CharFilter("account__key", label="Key of the account.")
    source = filters.CharFilter("source__key", label="Key of the CRM.")
    external_id = filters.CharFilter(label="What the source calls it.")
    type = filters.ChoiceFilter(choices=Deal.Type.choices, label="Type of the deal.")
    state = filters.ChoiceFilter(choices=Deal.State.choices, label="State of the deal.")
    owner = filters.CharFilter("owner__username", label="Username of who sells it.")
    proposal = filters.ChoiceFilter(
        "proposal__state", choices=ContractProposal.State.choices, label="What was decided about its contract."
    )
    closed_after = InstantFilter("closed_at", lookup_expr="gt", label="Won or lost after this instant.")
    closed_before = InstantFilter("closed_at", lookup_expr="lt", label="Won or lost before this instant.")


EXAMPLE = OpenApiExample(
    "A won deal",
    request_only=True,
    value={
        "source": "crm",
        "external_id": "0064x00000AbCdE",
        "account": "northwind-traders",
        "type": "new",
        "name": "Northwind, first year",
        "state": "won",
        "amount": "48000.00",
        "closed_at": "2026-01-15T10:00:00Z",
        "term_months": 12,
    },
)


class DealViewSet(Listed, NumberedViewSet):
    """Deals, newest first. A won deal proposes the contract that it would mean."""

    area = Area.ACCOUNTS
    queryset = Deal.objects.select_related(
        *("source", "account", "product", "owner", "proposal", "proposal__product", "proposal__replaces"),
        *("proposal__contract", "proposal__decided_by"),
    )
    serializer_class = DealSerializer
    filterset_class = DealFilters
    order = "-opened_at"

    @extend_schema(request=DealDraft, responses={201: DealSerializer, 200: DealSerializer}, examples=[EXAMPLE])
    def create(self, request: Request) -> Response:
        """Saves a deal: 201 where the source told of it for the first time, else 200. A repeat changes nothing."""
        values = self.body(DealDraft)
        source, external_id = values.pop("source"), values.pop("external_id")
        account, named = values.pop("account"), {"source": source, "external_id": external_id}
        with services.in_turn(**named):
            is_known = self.is_known(**named)
            deal = services.save(account, by=self.caller, at=now(), **named, **values)
        return self.answer(deal, code=200 if is_known else 201)

    @extend_schema(request=DealChange, responses=DealSerializer)
    def partial_update(self, request: Request, id: str) -> Response:  # noqa: A002
        """Changes the fields that are given. Winning, losing and reopening are changes of `state`."""
        deal = self.get_object()
        values = self.body(DealChange, instance=deal, partial=True)
        return self.answer(services.change(deal, by=self.caller, at=now(), **values))

    @extend_schema(request=AcceptDraft, responses=DealSerializer)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, id: str) -> Response:  # noqa: A002
        """Signs the contract that the deal proposes."""
        proposal = self._undecided()
        values = self.body(AcceptDraft)
        try:
            services.accept(proposal, by=self.caller, at=now(), **values)
        except Invalid as refused:
            raise ValidationError(_as_asked(refused)) from None
        return self.answer(proposal.deal)

    @extend_schema(request=DeclineDraft, responses=DealSerializer)
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, id: str) -> Response:  # noqa: A002
        """Says that no contract follows from the deal, and why."""
        proposal = self._undecided()
        services.decline(proposal, reason=self.body(DeclineDraft)["reason"], by=self.caller, at=now())
        return self.answer(proposal.deal)

    def _undecided(self) -> ContractProposal:
        deal = self.get_object()
        proposal = getattr(deal, "proposal", None)
        if proposal is None or deal.state != Deal.State.WON:
            raise Conflict("This deal is not won; there is no contract to decide on.")
        if not proposal.is_undecided:
            raise Conflict(f"This proposal is {proposal.get_state_display().lower()} already.")
        return proposal


def _as_asked(refused: Invalid) -> Any:
    """What a service refused, under the names of the request's fields."""
    if not hasattr(refused, "error_dict"):
        return refused.messages
    return {name.removesuffix("_minor"): messages for name, messages in refused.message_dict.items()}


ROUTES = {"deals": DealViewSet}
