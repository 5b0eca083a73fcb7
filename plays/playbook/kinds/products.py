"""`kind: products`: what this installation sells."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from accounts.catalogue.models import Product
from accounts.catalogue.services import define
from plays.playbook import shape
from plays.playbook.layout import OneLine, given
from plays.playbook.registry import Body, Definition, Facts, Kind, Trouble, kinds


def check(body: Body, facts: Facts) -> list[Trouble]:
    found = shape.keys(body, required=["products"]) or shape.mappings(body["products"], ".products")
    if found:
        return found
    seen: set[str] = set()
    for index, product in enumerate(body["products"]):
        found += _check_product(product, f".products[{index}]", seen)
    return found


def _check_product(product: Body, path: str, seen: set[str]) -> list[Trouble]:
    found = shape.keys(product, required=["key", "name", "kind"], optional=["description", "active"], path=path)
    if found:
        return found
    found = shape.once(product["key"], f"{path}.key", seen, what="product")
    found += shape.text(product["name"], f"{path}.name", longest=120)
    found += shape.choice(product["kind"], f"{path}.kind", Product.Kind.values)
    if product.get("description") is not None:
        found += shape.text(product["description"], f"{path}.description")
    return found if product.get("active") is None else found + shape.flag(product["active"], f"{path}.active")


def apply(body: Body, by: Any, at: dt.datetime) -> str:
    for product in body["products"]:
        define(**_values(product), by=by, at=at)
    return f"products: {len(body['products'])}"


def _values(product: Body) -> dict[str, Any]:
    """The fields of the product that a file describes."""
    sold = product.get("active")
    return {
        "key": product["key"],
        "name": product["name"],
        "kind": product["kind"],
        "description": product.get("description") or "",
        "is_active": True if sold is None else sold,
    }


def export() -> Iterable[tuple[str, Body]]:
    rows = Product.objects.values("key", "name", "kind", "description", "is_active")
    if ordered := sorted(rows, key=lambda row: (Product.Kind.values.index(row["kind"]), row["key"])):
        yield "products.yaml", {"products": [_written(**row) for row in ordered]}


def definitions(body: Body) -> list[Definition]:
    return [
        Definition("product", product["key"], f".products[{index}]", _written(**_values(product)))
        for index, product in enumerate(body["products"])
    ]


def _written(*, key: str, name: str, kind: str, description: str, is_active: bool) -> Body:
    active = None if is_active else False
    return OneLine(given(key=key, name=name, kind=kind, description=description or None, active=active))


kinds.add("products", Kind(order=15, check=check, apply=apply, export=export, definitions=definitions))
