from dataclasses import dataclass
from typing import Any

from accounts.foundation.clock import now
from accounts.portfolio.models import Account
from retention.conditions.comparing import Moment
from retention.conditions.evaluate import explain
from retention.conditions.language import Held
from retention.evaluation.queries import known_facts, moment
from retention.evaluation.rules import read
from retention.lifecycle.models import AccountStage, LifecycleVersion, Stage, StageChange


@dataclass(frozen=True)
class Position:
    """Where an account stands in the primary lifecycle, on what evidence, and what comes next."""

    standing: AccountStage | None
    stages: list[Stage]
    evidence: list[dict[str, Any]]
    change: StageChange | None


def primary_version() -> LifecycleVersion | None:
    """The published version of the primary lifecycle."""
    return (
        LifecycleVersion.objects.filter(lifecycle__is_primary=True)
        .select_related("lifecycle")
        .order_by("-number")
        .first()
    )


def position(account: Account) -> Position:
    """The account's place in the primary lifecycle with the clauses of the change that put it there."""
    version = primary_version()
    rows = AccountStage.objects.filter(account=account, lifecycle__is_primary=True).select_related("stage", "reached")
    changes = StageChange.objects.filter(account=account, lifecycle__is_primary=True).select_related("edge")
    change = changes.first()
    evidence = change.edge.clauses if change and change.edge else []
    return Position(rows.first(), list(version.stages.all()) if version else [], evidence, change)


@dataclass(frozen=True)
class Criterion:
    """One stage as the account sees it: whether it holds, and each of its entry clauses with the value now."""

    stage: Stage
    truth: bool | None
    clauses: list[dict[str, Any]]


def criteria(account: Account, found: Position) -> list[Criterion]:
    """The entry criteria of every stage, asked of the account's facts as they are now."""
    facts, at = known_facts(account), moment(now())
    return [_criterion(stage, facts, at) for stage in found.stages] if facts else []


def _criterion(stage: Stage, facts: dict[str, Any], at: Moment) -> Criterion:
    enter = read(stage.enter)
    explanation = explain(Held(enter, stage.enter_after_days) if stage.enter_after_days else enter, facts, at)
    return Criterion(stage, explanation.truth, [clause.as_json() for clause in explanation.clauses])
