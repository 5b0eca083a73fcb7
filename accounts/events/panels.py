"""The timeline on the account page."""

from typing import Any

from accounts.events.timeline import timeline
from accounts.portfolio.models import Account
from accounts.portfolio.registry import Panel, panels
from accounts.team.models import User

SHORT, LONG = 8, 200


def _recent(account: Account, user: User) -> dict[str, Any]:
    return {"entries": timeline(account, user=user, limit=SHORT), "is_short": True}


def _all(account: Account, user: User) -> dict[str, Any]:
    return {"entries": timeline(account, user=user, limit=LONG), "is_short": False}


panels.add("recent", Panel("Lately", "accounts/panels/timeline.html", _recent, order=60))
panels.add("timeline", Panel("Timeline", "accounts/panels/timeline.html", _all, tab="timeline"))
