"""The ledger of ARR movements on the REST API: what GRR and NRR are read from."""

from typing import Any

from django_filters import rest_framework as filters
from rest_framework import serializers

from accounts.contracts.models import ArrMovement
from accounts.foundation import money
from accounts.foundation.scope import Area
from accounts.team.filters import FlagFilter, InstantFilter
from accounts.team.rest import Listed, NumberedViewSet


class ArrMovementSerializer(serializers.ModelSerializer):
    """One change of an account's recurring revenue. Rows are only ever added."""

    account = serializers.CharField(source="account.key", read_only=True)
    contract = serializers.CharField(source="contract.key", read_only=True)
    amount = serializers.SerializerMethodField(help_text="Signed, in currency units, such as -1200.00.")
    corrects = serializers.IntegerField(
        source="corrects_id", allow_null=True, read_only=True, help_text="The movement that this one puts right."
    )

    class Meta:
        model = ArrMovement
        fields = ["id", "account", "contract", "kind", "amount", "currency", "effective_on", "recorded_at", "corrects"]
        read_only_fields = fields

    def get_amount(self, movement: ArrMovement) -> str:
        return money.decimal_text(movement.amount_minor, movement.currency)


class ArrMovementFilters(filters.FilterSet):
    account = filters.CharFilter("account__key", label="Key of the account.")
    contract = filters.CharFilter("contract__key", label="Key of the contract.")
    kind = filters.ChoiceFilter(choices=ArrMovement.Kind.choices, label="What the movement is.")
    effective_after = filters.DateFilter("effective_on", lookup_expr="gt", label="Effective after this day.")
    effective_before = filters.DateFilter("effective_on", lookup_expr="lt", label="Effective before this day.")
    recorded_before = InstantFilter("recorded_at", lookup_expr="lt", label="What was known before this instant.")
    is_correction = FlagFilter("corrects", lookup_expr="isnull", exclude=True, label="Whether it puts one right.")


class ArrMovementViewSet(Listed, NumberedViewSet):
    """The ledger of recurring revenue. An account's ARR on a day is the sum of its movements until then."""

    area = Area.ACCOUNTS
    queryset: Any = ArrMovement.objects.select_related("account", "contract")
    serializer_class = ArrMovementSerializer
    filterset_class = ArrMovementFilters


ROUTES = {"arr-movements": ArrMovementViewSet}
