import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Max, Min

from accounts.deals.models import CLOSED_STATES, Deal


@dataclass(frozen=True)
class OpenDeal:
    """The open deal of one type that an account decides on next."""

    deal_id: int
    name: str
    state: str
    amount_minor: int | None
    currency: str
    expected_close_on: dt.date | None
    opened_at: dt.datetime


@dataclass(frozen=True)
class Won:
    """When deals of one type were won."""

    first_at: dt.datetime
    latest_at: dt.datetime


def open_deals(account_ids: Sequence[int]) -> dict[int, dict[str, OpenDeal]]:
    """Account → type → its open deal: of several a committed one, then the one expected to close first."""
    rows = Deal.objects.filter(account__in=account_ids).exclude(state__in=CLOSED_STATES)
    found: dict[int, dict[str, OpenDeal]] = defaultdict(dict)
    for deal in sorted(rows, key=_urgency):
        seen = OpenDeal(
            deal_id=deal.pk,
            name=deal.name,
            state=deal.state,
            amount_minor=deal.amount_minor,
            currency=deal.currency,
            expected_close_on=deal.expected_close_on,
            opened_at=deal.opened_at,
        )
        found[deal.account_id].setdefault(deal.type, seen)
    return dict(found)


def _urgency(deal: Deal) -> tuple[bool, dt.date, int]:
    return deal.state != Deal.State.COMMITTED, deal.expected_close_on or dt.date.max, deal.pk


def won_dates(account_ids: Sequence[int]) -> dict[int, dict[str, Won]]:
    """Account → type → when its deals of that type were won."""
    rows = Deal.objects.filter(account__in=account_ids, state=Deal.State.WON).order_by()
    found: dict[int, dict[str, Won]] = defaultdict(dict)
    for row in rows.values("account", "type").annotate(first=Min("closed_at"), latest=Max("closed_at")):
        found[row["account"]][row["type"]] = Won(row["first"], row["latest"])
    return dict(found)
