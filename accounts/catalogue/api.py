"""The product catalogue on the REST API."""

from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.catalogue import services
from accounts.catalogue.models import Product
from accounts.foundation.clock import now
from accounts.foundation.scope import Area
from accounts.team.filters import FlagFilter
from accounts.team.rest import Listed, ScopedViewSet, Strict

FIELDS = ["name", "kind", "description", "is_active"]


class ProductSerializer(serializers.ModelSerializer):
    """Something that we sell."""

    class Meta:
        model = Product
        fields = ["key", *FIELDS]
        read_only_fields = fields


class ProductChange(Strict, serializers.ModelSerializer):
    """What may be changed of a product; its key stays."""

    class Meta:
        model = Product
        fields = FIELDS


class ProductDraft(ProductChange):
    """A new product."""

    class Meta(ProductChange.Meta):
        fields = ["key", *FIELDS]


class ProductFilters(filters.FilterSet):
    kind = filters.ChoiceFilter(choices=Product.Kind.choices, label="Kind of product.")
    is_active = FlagFilter(label="Whether it is sold today.")


ADD = OpenApiExample(
    "An add-on", request_only=True, value={"key": "analytics", "name": "Advanced analytics", "kind": "add_on"}
)


class ProductViewSet(Listed, ScopedViewSet):
    """What we sell. Contracts and deals name a product by its key."""

    area = Area.DEFINITIONS
    queryset = Product.objects.all()
    serializer_class = ProductSerializer
    filterset_class = ProductFilters

    @extend_schema(request=ProductDraft, responses={201: ProductSerializer}, examples=[ADD])
    def create(self, request: Request) -> Response:
        """Adds a product."""
        values = self.body(ProductDraft)
        return self.answer(services.create(by=self.caller, at=now(), **values), code=201)

    @extend_schema(request=ProductChange, responses=ProductSerializer)
    def partial_update(self, request: Request, key: str) -> Response:
        """Changes the fields that are given. What is no longer sold is set inactive instead of being deleted."""
        product = self.get_object()
        values = self.body(ProductChange, partial=True)
        return self.answer(services.change(product, by=self.caller, at=now(), **values))


ROUTES = {"products": ProductViewSet}
