"""What may be offered to an account: whoever offers something asks here, and every room may have a say."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from typing import Any

from accounts.catalogue.models import Product
from accounts.foundation.many import among
from accounts.foundation.registry import Registry
from accounts.portfolio.models import Account
from retention.segments.models import AccountSegment

OfferRule = Callable[[Collection[int]], Mapping[int, Mapping[str, str]]]
offer_rules: Registry[OfferRule] = Registry("rule about what may be offered")
"""Account ids → account id → key of each product that may not be offered to it → why not."""


def refused(account_ids: Collection[int]) -> dict[int, dict[str, str]]:
    """Account id → key of each product that may not be offered to it → why not. All others may."""
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for rule in offer_rules.values():
        for account_id, reasons in rule(account_ids).items():
            found[account_id] = {**reasons, **found[account_id]}
    return dict(found)


def offers_of(account: Account) -> tuple[list[Product], list[tuple[Product, str]]]:
    """What is sold today: the products that may be offered to the account, and the others, each with the reason."""
    against = refused([account.pk]).get(account.pk, {})
    products = list(Product.objects.filter(is_active=True))
    return [one for one in products if one.key not in against], [
        (one, against[one.key]) for one in products if one.key in against
    ]


@offer_rules.register("segments")
def by_segment(account_ids: Collection[int]) -> dict[int, dict[str, str]]:
    """A segment that names products allows those alone; each dimension by itself."""
    rows: Any = AccountSegment.objects.filter(account__in=among(account_ids)).exclude(segment__products=[])
    rows = list(rows.select_related("segment", "dimension").order_by("dimension__name"))
    keys = list(Product.objects.values_list("key", flat=True)) if rows else []
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for row in rows:
        why = f"{row.dimension.name} {row.segment.name} allows other products only."
        found[row.account_id] |= {
            key: why for key in keys if key not in row.segment.products and key not in found[row.account_id]
        }
    return dict(found)
