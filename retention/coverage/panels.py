"""Coverage of the buying committee on the account page."""

from typing import Any

from accounts.foundation.clock import now
from accounts.portfolio.models import Account
from accounts.portfolio.registry import Panel, panels
from accounts.team.models import User
from retention.coverage.assessing import Filled
from retention.coverage.queries import ROLES, committee_of


def _coverage(account: Account, user: User) -> dict[str, Any]:
    version, found = committee_of(account, at=now())
    roles = found.roles if found else []
    return {
        "version": version,
        "found": found,
        "line": found.line if found else None,
        "roles": [(one, ROLES[one.asked.role], how(one)) for one in roles],
        "missing": [ROLES[role] for role in found.missing] if found else [],
        "share": None if found is None or found.share is None else round(100 * found.share),
        "account": account,
        "may_edit": user.may_edit(Account.AREA),
    }


def how(one: Filled) -> str:
    """What there is of a role, in words: `2 known, none engaged in 60 days`."""
    asked = one.asked
    if not one.known:
        return "nobody known" if asked.people == 1 else f"nobody known, {asked.people} are asked for"
    told = f"{one.known} known"
    if asked.engaged_days is not None:
        told += f", {one.engaged or 'none'} engaged in {asked.engaged_days} days"
    return told if asked.people == 1 else f"{told}, {asked.people} are asked for"


panels.add("coverage", Panel("Buying committee", "retention/panels/coverage.html", _coverage, tab="people", order=45))
