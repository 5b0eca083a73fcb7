"""Which of an account's people are in which audiences, on its page."""

from typing import Any

from accounts.foundation.clock import now
from accounts.portfolio.models import Account
from accounts.portfolio.registry import Panel, panels
from accounts.stakeholders.models import Stakeholder
from accounts.team.models import User
from retention.audiences.judging import audiences_of
from retention.audiences.models import Audience


def _audiences(account: Account, user: User) -> dict[str, Any]:
    if user.reach(Audience.AREA) is None:
        return {"may_open": False}
    found = audiences_of(account, user=user, at=now())
    names = dict(Stakeholder.objects.filter(pk__in=found).values_list("pk", "name"))
    people = [(names[pk], audiences) for pk, audiences in found.items() if audiences]
    return {"may_open": True, "people": people, "is_any": Audience.objects.exists()}


panels.add("audiences", Panel("Audiences", "retention/panels/audiences.html", _audiences, tab="people", order=52))
