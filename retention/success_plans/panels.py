"""The success plan on the account page: how far it is, and the whole of it on a tab of its own."""

from typing import Any

from accounts.foundation.clock import now
from accounts.portfolio.models import Account
from accounts.portfolio.registry import Panel, panels
from accounts.team.models import User
from retention.success_plans import view
from retention.success_plans.models import SuccessPlan


def _plan(account: Account, user: User) -> dict[str, Any]:
    rows = SuccessPlan.objects.for_user(user).filter(account=account)
    return {"account": account, "shown": view.one(rows, at=now()), "may_edit": view.may_edit(user)}


def _whole(account: Account, user: User) -> dict[str, Any]:
    found = _plan(account, user)
    earlier = SuccessPlan.objects.for_user(user).filter(account=account)[1:20]
    return found | {"earlier": list(earlier)}


panels.add("success plan", Panel("Success plan", "retention/success_plan/panel.html", _plan, order=35))
panels.add("success plan whole", Panel("Success plan", "retention/success_plan/tab.html", _whole, tab="plan", order=10))
