"""Which of an account's people are in which audiences, on its page."""

from typing import Any

from accounts.foundation.clock import now
from accounts.portfolio.models import Account
from accounts.portfolio.registry import Panel, panels
from accounts.stakeholders.panels import people_of
from accounts.team.models import User
from retention.audiences.judging import audiences_of
from retention.audiences.models import Audience


def _audiences(account: Account, user: User) -> dict[str, Any]:
    if user.reach(Audience.AREA) is None:
        return {"may_open": False}
    found = audiences_of(account, user=user, at=now())
    people = [(one.name, found[one.pk]) for one in people_of(account, user) if found.get(one.pk)]
    return {"may_open": True, "people": people}


panels.add("audiences", Panel("Audiences", "retention/panels/audiences.html", _audiences, tab="people", order=52))
