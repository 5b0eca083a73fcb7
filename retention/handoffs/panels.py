"""Handoffs on the account page."""

from typing import Any

from accounts.portfolio.models import Account
from accounts.portfolio.registry import Panel, panels
from accounts.team.models import User
from retention.handoffs.models import Handoff

SHOWN = 10


def _handoffs(account: Account, user: User) -> dict[str, Any]:
    rows = Handoff.objects.for_user(user).filter(account=account)
    related = ("version__template", "giver", "receiver", "work__clock")
    return {"handoffs": list(rows.select_related(*related)[:SHOWN]), "account": account, "may_edit": _may_start(user)}


def _may_start(user: User) -> bool:
    return bool(user.may_edit(Handoff.AREA) and user.may_edit(Account.AREA))


panels.add("handoffs", Panel("Handoffs", "retention/panels/handoffs.html", _handoffs, tab="work", order=20))
