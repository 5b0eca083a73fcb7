"""Contracts and ARR on the account page."""

from typing import Any

from accounts.contracts.models import ArrMovement, Contract
from accounts.portfolio.models import Account
from accounts.portfolio.registry import Panel, panels
from accounts.team.models import User

MOVEMENTS = 50


def _contracts(account: Account, user: User) -> dict[str, Any]:
    return {"contracts": list(Contract.objects.for_user(user).filter(account=account))}


def _movements(account: Account, user: User) -> dict[str, Any]:
    return {"movements": list(ArrMovement.objects.for_user(user).filter(account=account)[:MOVEMENTS])}


panels.add("contracts", Panel("Contracts", "accounts/panels/contracts.html", _contracts, tab="commercial"))
panels.add(
    "movements", Panel("ARR movements", "accounts/panels/movements.html", _movements, tab="commercial", order=60)
)
