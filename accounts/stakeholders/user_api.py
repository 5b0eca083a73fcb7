"""Product users on the REST API: who uses the product, and which stakeholder they are."""

from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.foundation.clock import now
from accounts.foundation.scope import Area
from accounts.stakeholders import services
from accounts.stakeholders.models import ProductUser, Stakeholder
from accounts.team.filters import FlagFilter, InstantFilter, NumberOf
from accounts.team.rest import Listed, NumberedViewSet, Strict


class ProductUserSerializer(serializers.ModelSerializer):
    """Somebody who uses the product, as one source knows them."""

    source = serializers.CharField(source="source.key", read_only=True)  # type: ignore[assignment]
    account = serializers.CharField(source="account.key", allow_null=True, read_only=True)
    stakeholder = serializers.IntegerField(
        source="stakeholder_id", allow_null=True, read_only=True, help_text="Id of the stakeholder who they are."
    )

    class Meta:
        model = ProductUser
        fields = [
            *("id", "source", "external_id", "account", "name", "email", "role", "team"),
            *("first_seen_at", "last_seen_at", "stakeholder"),
        ]
        read_only_fields = fields


class RecogniseDraft(Strict):
    """Which stakeholder of the same account a user of the product is."""

    stakeholder = serializers.IntegerField(
        allow_null=True, min_value=1, help_text="Id of a stakeholder; null: nobody whom we know."
    )

    def validate_stakeholder(self, number: int | None) -> Stakeholder | None:
        if number is None:
            return None
        found = Stakeholder.objects.for_user(self.context["request"].user).filter(pk=number).first()
        if found is None:
            raise ValidationError(f"There is no stakeholder {number}; see /api/v1/stakeholders/.")
        return found


class ProductUserFilters(filters.FilterSet):
    account = filters.CharFilter("account__key", label="Key of the account.")
    source = filters.CharFilter("source__key", label="Key of the source.")
    external_id = filters.CharFilter("external_id", label="What the source calls them.")
    email = filters.CharFilter("email", lookup_expr="iexact", label="E-mail address.")
    stakeholder = NumberOf("stakeholder", label="Id of the stakeholder who they are.")
    is_recognised = FlagFilter(
        "stakeholder", lookup_expr="isnull", exclude=True, label="Whether somebody said which stakeholder they are."
    )
    seen_after = InstantFilter("last_seen_at", lookup_expr="gt", label="Seen after this instant.")


THEM = OpenApiExample("It is the champion", request_only=True, value={"stakeholder": 12})


class ProductUserViewSet(Listed, NumberedViewSet):
    """People who use the product. Signals make them; whoever knows them says which stakeholder they are."""

    area = Area.ACCOUNTS
    queryset: Any = ProductUser.objects.select_related("source", "account")
    serializer_class = ProductUserSerializer
    filterset_class = ProductUserFilters

    @extend_schema(request=RecogniseDraft, responses=ProductUserSerializer, examples=[THEM])
    @action(detail=True, methods=["post"])
    def recognise(self, request: Request, id: str) -> Response:  # noqa: A002
        """Says which stakeholder of the account they are, or with null that they are nobody whom we know."""
        user = self.get_object()
        values = self.body(RecogniseDraft)
        return self.answer(services.recognise(user, by=self.caller, at=now(), **values))


ROUTES = {"product-users": ProductUserViewSet}
