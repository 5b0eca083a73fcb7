from dataclasses import dataclass
from typing import Any

from accounts.foundation.clock import now
from accounts.portfolio.models import Account
from retention.builder.registry import choices
from retention.conditions.comparing import Moment
from retention.conditions.evaluate import explain
from retention.conditions.explanation import Clause, Explanation
from retention.conditions.language import Held
from retention.evaluation.queries import moment
from retention.evaluation.rules import read
from retention.lifecycle.models import AccountStage, LifecycleVersion, Stage, StageChange, StagePlacement
from retention.lifecycle.placing import REGISTER


@dataclass(frozen=True)
class Position:
    """Where an account stands in the primary lifecycle, on what evidence, and what comes next."""

    standing: AccountStage | None
    stages: list[Stage]
    evidence: list[dict[str, Any]]
    change: StageChange | None
    placement: StagePlacement | None = None
    """Where somebody put it by hand, while that counts."""


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
    placed = StagePlacement.objects.filter(account=account, lifecycle__is_primary=True, ended_at=None)
    stages = list(version.stages.all()) if version else []
    return Position(rows.first(), stages, evidence, change, placed.select_related("placed_by").first())


@dataclass(frozen=True)
class Criterion:
    """One stage as the account sees it: whether it holds, and each of its entry clauses with the value now."""

    stage: Stage
    truth: bool | None
    clauses: list[dict[str, Any]]


def criteria(found: Position, facts: dict[str, Any]) -> list[Criterion]:
    """The entry criteria of every stage, asked of `facts`: what rules know of the account as it is now."""
    at = moment(now())
    return [_criterion(stage, facts, at) for stage in found.stages] if facts else []


@dataclass(frozen=True)
class Towards:
    """The stage that an account works towards, and what of its criteria is not met yet, with the values now."""

    stage: Stage
    missing: int
    clauses: list[dict[str, Any]]
    waits_days: int | None
    """Days for which its criteria must hold, where they are all met and only that is missing."""


def towards(found: Position, facts: dict[str, Any]) -> Towards | None:
    """The next stage after the one reached that somebody answers for; None at the end, or where nothing is known.

    Where nobody answers for any stage, the next one that is not passing. `facts` is what rules know of the account now.
    """
    standing = found.standing
    current = (standing.reached or standing.stage) if standing else None
    answered = [one for one in found.stages if one.raci and not one.is_passing]
    following = answered or [one for one in found.stages if not one.is_passing]
    after = -1 if current is None else next((one.position for one in found.stages if one.key == current.key), -1)
    stage = next((one for one in following if one.position > after), None)
    is_over = bool(current and answered and not current.raci)  # churned, lost: nobody works on from there
    if stage is None or not facts or is_over:
        return None
    explained = explain(read(stage.enter), facts, moment(now()))
    unmet = _unmet(explained)
    clauses = [clause.as_json() for one in unmet for clause in _asked(one)]
    return Towards(stage, len(unmet), clauses, None if unmet else stage.enter_after_days)


def _unmet(explained: Explanation) -> list[Explanation]:
    """The criteria that are not met: of groups of which all must be, each by itself."""
    if explained.truth is True:
        return []
    if explained.kind == "all":
        return [one for child in explained.children for one in _unmet(child)]
    return [explained]


def _asked(explained: Explanation) -> list[Clause]:
    """The comparisons of one unmet criterion that are not as they should be."""
    return [clause for clause in explained.clauses if explained.kind == "not" or clause.truth is not True]


def _criterion(stage: Stage, facts: dict[str, Any], at: Moment) -> Criterion:
    enter = read(stage.enter)
    explanation = explain(Held(enter, stage.enter_after_days) if stage.enter_after_days else enter, facts, at)
    return Criterion(stage, explanation.truth, [clause.as_json() for clause in explanation.clauses])


@choices.register(REGISTER)
def stages_to_choose() -> list[tuple[str, str]]:
    """The stages of the primary lifecycle with their names."""
    version = primary_version()
    return [(stage.key, stage.name) for stage in version.stages.all()] if version else []
