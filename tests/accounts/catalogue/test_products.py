"""The product catalogue: what we sell, known by its key."""

import pytest
from django.core.exceptions import ValidationError

from accounts.catalogue import services as catalogue
from accounts.catalogue.models import Product
from accounts.catalogue.queries import sold
from accounts.foundation.models import AuditEntry
from tests.factories.accounts import AT, ProductFactory

pytestmark = pytest.mark.django_db


def define(**values) -> Product:
    return catalogue.define(by=None, at=AT, **{"key": "pro", "name": "Professional"} | values)


def test_a_product_is_created_and_changed_by_its_key():
    define()
    product = define(name="Professional 2", kind="add_on")
    assert Product.objects.get() == product
    assert (product.name, product.kind, product.is_active) == ("Professional 2", "add_on", True)
    assert list(AuditEntry.objects.order_by("pk").values_list("verb", flat=True)) == [
        "product.create",
        "product.change",
    ]


def test_saying_the_same_again_changes_nothing():
    define()
    define()
    assert AuditEntry.objects.count() == 1


def test_the_key_stays():
    with pytest.raises(ValidationError, match="keeps the key"):
        catalogue.change(ProductFactory(), key="another", by=None, at=AT)


@pytest.mark.parametrize(("field", "value"), [("name", ""), ("kind", "bundle"), ("description", "x" * 251)])
@pytest.mark.parametrize("known", [False, True])
def test_what_is_no_product_is_refused(field, value, known):
    if known:
        define()
    before = list(Product.objects.values())
    with pytest.raises(ValidationError, match=field):
        define(**{field: value})
    assert list(Product.objects.values()) == before


def test_what_is_no_longer_sold_is_not_offered():
    product = define()
    assert list(sold()) == [product]
    define(is_active=False)
    assert not sold().exists()
