"""Contracts and ARR on the account page."""

from typing import Any

from accounts.contracts.models import ArrMovement, Contract, Invoice
from accounts.foundation.clock import now
from accounts.portfolio.models import Account
from accounts.portfolio.registry import Panel, panels
from accounts.team.models import User
from accounts.workspace.queries import today

MOVEMENTS, INVOICES = 50, 24


def _contracts(account: Account, user: User) -> dict[str, Any]:
    rows = Contract.objects.for_user(user).filter(account=account).select_related("product")
    return {"contracts": list(rows), "account": account, "may_edit": user.may_edit(Contract.AREA)}


def _invoices(account: Account, user: User) -> dict[str, Any]:
    found = list(Invoice.objects.for_user(user).filter(account=account)[: INVOICES + 1])
    return {"invoices": found[:INVOICES], "has_more": len(found) > INVOICES, "today": today(now())}


def _movements(account: Account, user: User) -> dict[str, Any]:
    return {"movements": list(ArrMovement.objects.for_user(user).filter(account=account)[:MOVEMENTS])}


panels.add("contracts", Panel("Contracts", "accounts/panels/contracts.html", _contracts, tab="commercial"))
panels.add(
    "movements", Panel("ARR movements", "accounts/panels/movements.html", _movements, tab="commercial", order=60)
)
panels.add("invoices", Panel("Invoices", "accounts/panels/invoices.html", _invoices, tab="commercial", order=55))
