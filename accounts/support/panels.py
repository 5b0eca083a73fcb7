"""Tickets on the account page."""

from typing import Any

from accounts.foundation.clock import now
from accounts.portfolio.models import Account
from accounts.portfolio.registry import Panel, panels
from accounts.support.models import Ticket
from accounts.support.queries import OPEN, support_of
from accounts.team.models import User

RECENT = 30


def _open(account: Account, user: User) -> dict[str, Any]:
    rows = Ticket.objects.for_user(user).filter(OPEN, account=account).select_related("source")
    return {"tickets": list(rows.order_by("severity", "opened_at"))}


def _solved(account: Account, user: User) -> dict[str, Any]:
    rows = Ticket.objects.for_user(user).filter(account=account).exclude(OPEN).select_related("source")
    found = list(rows.prefetch_related("reopenings")[: RECENT + 1])
    return {"tickets": found[:RECENT], "has_more": len(found) > RECENT}


def _figures(account: Account, user: User) -> dict[str, Any]:
    return {"support": support_of([account.pk], at=now()).get(account.pk)}


panels.add("support", Panel("Support", "accounts/panels/support.html", _figures, tab="support", order=40))
panels.add("open tickets", Panel("Open tickets", "accounts/panels/open_tickets.html", _open, tab="support"))
panels.add(
    "solved tickets", Panel("Solved tickets", "accounts/panels/solved_tickets.html", _solved, tab="support", order=60)
)
