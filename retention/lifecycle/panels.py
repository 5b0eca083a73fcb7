"""The stage on the account page: where the account stands, on what evidence, and what each stage asks."""

from typing import Any

from accounts.portfolio.models import Account
from accounts.portfolio.registry import Headline, Panel, headlines, panels
from accounts.team.models import User
from retention.evaluation.reading import read
from retention.lifecycle.queries import Position, criteria, position


def _position(account: Account) -> Position:
    if not hasattr(account, "position"):
        account.position = position(account)  # type: ignore[attr-defined]
    return account.position  # type: ignore[attr-defined]


def _stage(account: Account, user: User) -> dict[str, Any]:
    found = _position(account)
    change = found.change
    return {
        "position": found,
        "evidence": read(found.evidence),
        "cause": change.get_cause_display() if change else "",
        "by_definition": bool(change and change.edge is None),
        "criteria": [(one, read(one.clauses)) for one in criteria(account, found)],
    }


def _headline(account: Account, user: User) -> tuple[str, str]:
    standing = _position(account).standing
    if standing is None or standing.stage is None:
        return "No stage yet", ""
    reached = standing.reached
    beside = f"reached: {reached.name}" if reached and reached != standing.stage else ""
    return standing.stage.name, beside


headlines.add("stage", Headline("Stage", _headline, order=10))
panels.add("stage", Panel("Lifecycle stage", "retention/panels/stage.html", _stage, order=30))
