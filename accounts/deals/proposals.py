"""Which contract a won deal would mean."""

import datetime as dt
from typing import Any

from dateutil.relativedelta import relativedelta

from accounts.contracts.models import Contract
from accounts.deals.models import ContractProposal, Deal
from accounts.workspace.queries import today

Kind = ContractProposal.Kind
KINDS = {Deal.Type.NEW: Kind.NEW, Deal.Type.EXPANSION: Kind.CHANGE, Deal.Type.RENEWAL: Kind.RENEWAL}
DAY = dt.timedelta(days=1)


def terms(deal: Deal) -> dict[str, Any]:
    """The fields of the proposal of a won deal; None where neither the deal nor the contract it takes over says it.

    An expansion changes the running contract to a larger one with the same end. A renewal begins when that ends, and
    lasts as long, unless the deal says otherwise.
    """
    kind = KINDS[Deal.Type(deal.type)]
    replaced = None if kind == Kind.NEW else _taken_over(deal)
    starts_on = _first_day(deal, kind, replaced)
    return {
        "kind": kind,
        "arr_minor": _arr(deal, kind, replaced),
        "currency": deal.currency,
        "starts_on": starts_on,
        "ends_on": _last_day(deal, kind, replaced, starts_on),
        "product": deal.product or (replaced.product if replaced else None),
        "seats": deal.seats if deal.seats is not None or replaced is None else replaced.seats,
        "replaces": replaced,
    }


def _taken_over(deal: Deal) -> Contract | None:
    """The one active contract of the account, or the one of the deal's product; None where that is not one."""
    active = list(deal.account.contracts.filter(status=Contract.Status.ACTIVE).select_related("product"))
    of_product = [contract for contract in active if deal.product_id and contract.product_id == deal.product_id]
    for found in (of_product, active):
        if len(found) == 1:
            return found[0]
    return None


def _arr(deal: Deal, kind: str, replaced: Contract | None) -> int | None:
    if deal.amount_minor is None or (kind == Kind.CHANGE and replaced is None):
        return None
    return deal.amount_minor + (replaced.arr_minor if replaced and kind == Kind.CHANGE else 0)


def _first_day(deal: Deal, kind: str, replaced: Contract | None) -> dt.date | None:
    if deal.starts_on:
        return deal.starts_on
    if kind == Kind.RENEWAL:
        return replaced.next_start if replaced else None
    won_on = today(deal.closed_at) if deal.closed_at else None
    return max(won_on, replaced.starts_on) if won_on and replaced else won_on


def _last_day(deal: Deal, kind: str, replaced: Contract | None, starts_on: dt.date | None) -> dt.date | None:
    if starts_on is None:
        return None
    if deal.term_months:
        return starts_on + relativedelta(months=deal.term_months) - DAY
    if replaced is None:
        return None
    if kind == Kind.CHANGE:
        return replaced.ends_on if replaced.ends_on > starts_on else None
    return starts_on + relativedelta(replaced.next_start, replaced.starts_on) - DAY
