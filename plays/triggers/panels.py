"""Plays on the account page: what runs, what ran, and what was decided about it."""

from typing import Any

from accounts.portfolio.models import Account
from accounts.portfolio.registry import Panel, panels
from accounts.team.models import User
from plays.decisions.models import Decision
from retention.evaluation.reading import sentence

DECISIONS = 30


def _decisions(account: Account, user: User) -> dict[str, Any]:
    rows = Decision.objects.for_user(user).filter(account=account).select_related("play", "version", "run")
    return {
        "rows": [
            (decision, sentence(decision.clauses), getattr(decision, "run", None)) for decision in rows[:DECISIONS]
        ]
    }


panels.add("decisions", Panel("Plays", "plays/panels/decisions.html", _decisions, tab="work", order=20))
