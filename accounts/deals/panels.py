"""Deals on the account page."""

from typing import Any

from accounts.deals.models import Deal
from accounts.portfolio.models import Account
from accounts.portfolio.registry import Panel, panels
from accounts.team.models import User

DEALS = 30


def _deals(account: Account, user: User) -> dict[str, Any]:
    rows = Deal.objects.for_user(user).filter(account=account).select_related("owner", "proposal")
    found, may_edit = list(rows[: DEALS + 1]), user.may_edit(Deal.AREA)
    return {"deals": found[:DEALS], "has_more": len(found) > DEALS, "account": account, "may_edit": may_edit}


panels.add("deals", Panel("Deals", "accounts/panels/deals.html", _deals, tab="commercial", order=45))
