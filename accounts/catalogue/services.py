import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.catalogue.models import Product
from accounts.foundation import audit


@transaction.atomic
def create(*, key: str, name: str, by: Any, at: dt.datetime, **values: Any) -> Product:
    """A new product; `values` are further fields of Product."""
    product = Product(key=key, name=name, **values)
    product.full_clean()
    return audit.create(product, verb="product.create", by=by, at=at)


@transaction.atomic
def change(product: Product, *, by: Any, at: dt.datetime, **values: Any) -> Product:
    """Sets fields of `product`. Its key stays: files and other systems know it by that."""
    fresh = Product.objects.get(pk=product.pk)
    if values.pop("key", fresh.key) != fresh.key:
        raise ValidationError({"key": f"{fresh.name} keeps the key {fresh.key}; define another product instead."})
    Product(key=fresh.key, **{"name": fresh.name, "kind": fresh.kind} | values).clean_fields()
    audit.update(fresh, verb="product.change", by=by, at=at, **values)
    return fresh


@transaction.atomic
def define(*, key: str, by: Any, at: dt.datetime, **values: Any) -> Product:
    """The product `key` with these values, created or changed."""
    if found := Product.objects.filter(key=key).first():
        return change(found, by=by, at=at, **values)
    return create(key=key, by=by, at=at, **values)
