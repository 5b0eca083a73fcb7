"""Plays on the account page: what runs, what ran, and what was decided about it."""

from typing import Any

from accounts.portfolio.models import Account
from accounts.portfolio.registry import Panel, panels
from accounts.team.models import User
from plays.decisions.models import Decision
from plays.decisions.queries import because

DECISIONS = 30


def _decisions(account: Account, user: User) -> dict[str, Any]:
    rows = Decision.objects.for_user(user).filter(account=account).select_related("play", "version", "run", "by")
    return {"rows": [(decision, because(decision), getattr(decision, "run", None)) for decision in rows[:DECISIONS]]}


panels.add("decisions", Panel("Plays", "plays/panels/decisions.html", _decisions, tab="work", order=20))
