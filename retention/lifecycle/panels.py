"""The stage on the account page: where the account stands, on what evidence, and what each stage asks."""

from typing import Any

from accounts.foundation.clock import now
from accounts.foundation.scope import Area
from accounts.portfolio.models import Account
from accounts.portfolio.registry import Headline, Panel, headlines, panels
from accounts.team.models import User
from retention.evaluation.models import Edge
from retention.evaluation.queries import known_facts
from retention.evaluation.reading import read
from retention.lifecycle import pace
from retention.lifecycle.models import AccountStage
from retention.lifecycle.queries import Position, criteria, position, towards


def _position(account: Account) -> Position:
    if not hasattr(account, "position"):
        account.position = position(account)  # type: ignore[attr-defined]
    return account.position  # type: ignore[attr-defined]


def _stage(account: Account, user: User) -> dict[str, Any]:
    found = _position(account)
    change, facts = found.change, known_facts(account)
    next_one = towards(found, facts)
    return {
        "towards": next_one,
        "missing": read(next_one.clauses) if next_one else [],
        "standing": found.standing and _days(found.standing, facts),
        "may_move": user.may_edit(Area.ACCOUNTS) and bool(found.stages),
        "account": account,
        "position": found,
        "evidence": read(found.evidence),
        "cause": change.get_cause_display() if change else "",
        "by_definition": bool(change and change.edge is None and change.cause == Edge.Cause.DEFINITION),
        "criteria": [(one, read(one.clauses)) for one in criteria(found, facts)],
    }


def _days(standing: AccountStage, facts: dict[str, Any]) -> tuple[int | None, pace.Pace | None]:
    """Days in the stage as its pace counts them, and what they mean."""
    stage = standing.stage
    if stage is None:
        return None, None
    day = facts.get(stage.pace_from) if stage.pace_from else None
    days = pace.days_in(stage, since=standing.since, day=day, at=now())
    return days, pace.pace_of(stage, days)


def _headline(account: Account, user: User) -> tuple[str, str]:
    standing = _position(account).standing
    if standing is None or standing.stage is None:
        return "No stage yet", ""
    reached = standing.reached
    beside = f"reached: {reached.name}" if reached and reached != standing.stage else ""
    return standing.stage.name, beside


headlines.add("stage", Headline("Stage", _headline, order=10))
panels.add("stage", Panel("Lifecycle stage", "retention/panels/stage.html", _stage, order=30))
