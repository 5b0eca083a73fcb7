import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, F, QuerySet
from django.db.models.fields.json import KeyTransform

from accounts.facts.lookup import find
from accounts.facts.models import AccountFacts
from accounts.facts.queries import rows_of, values
from accounts.portfolio.models import Account
from accounts.portfolio.queries import listed
from accounts.stakeholders.models import StakeholderRole
from accounts.team.models import User
from accounts.workspace.queries import base_currency
from retention.conditions.check import parse
from retention.coverage.assessing import Committee, Policy, people_of
from retention.coverage.facts import MISSING, SINGLE
from retention.coverage.models import CoveragePolicyVersion
from retention.coverage.policy import draft_of, in_force, segment_names, stage_names
from retention.evaluation.matching import matching
from retention.evaluation.queries import moment
from retention.evaluation.rules import catalogue
from retention.lifecycle.placing import REGISTER

ROLES = dict(StakeholderRole.Role.choices)
NOBODY, SINGLE_HOLE, SHORT = "nobody", "single_threaded", "short"
"""Holes that are no role: nobody is known, too few are engaged, or anything of it all."""
HOLES = {**ROLES, NOBODY: "Nobody known", SINGLE_HOLE: "Single-threaded", SHORT: "Short of what is asked"}
ANY = "*"


def committee_of(account: Account, *, at: dt.datetime) -> tuple[CoveragePolicyVersion | None, Committee | None]:
    """The policy in force, and what it makes of the account at `at`; None where it asks nothing of it."""
    version, row = in_force(), rows_of([account.pk]).get(account.pk)
    if version is None:
        return None, None
    policy = Policy(draft_of(version))
    known = values(row, currency=base_currency()) if row else {}
    return version, policy.assess(known, people_of([account.pk], policy, at=at)[account.pk], at)


@dataclass
class Cell:
    """The accounts of one segment in one stage: how many lack what. Counted by account, so figures may overlap."""

    accounts: int = 0
    short: int = 0
    nobody: int = 0
    single: int = 0
    missing: Counter[str] = field(default_factory=Counter)

    def add(self, count: int, missing: list[str] | None, single: bool | None, *, is_asked: bool) -> None:
        """Takes in accounts that are alike; `is_asked` says whether their line asks for anything."""
        self.accounts += count
        is_unknown = is_asked and missing is None
        self.nobody += count if is_unknown else 0
        self.single += count if single else 0
        self.short += count if is_unknown or missing or single else 0
        for role in missing or ():
            self.missing[role] += count


def holes(policy: Policy, user: User) -> dict[tuple[str, str], Cell]:
    """(Segment, stage) → what the accounts lack there that `user` may see, as their facts say; one query."""
    fact = find(policy.draft.segments_by)
    kept = KeyTransform(policy.draft.segments_by, "custom") if fact is None or fact.is_json else F(fact.column)
    rows: Any = AccountFacts.objects.for_user(user).filter(account__in=listed().values("pk"))
    alike = rows.order_by().values_list(kept, REGISTER, f"custom__{MISSING}", SINGLE).annotate(accounts=Count("pk"))
    found: dict[tuple[str, str], Cell] = {}
    for segment, stage, missing, single, count in alike:
        line = policy.line(segment or "", stage or "")
        is_asked = bool(line and line.asks)
        found.setdefault((segment or "", stage or ""), Cell()).add(count, missing, single, is_asked=is_asked)
    return found


def names_of(policy: Policy, cells: Mapping[tuple[str, str], Cell]) -> tuple[dict[str, str], dict[str, str]]:
    """Segments and stages with their names: those in force, then those that only lines or accounts still name."""
    segments, stages = segment_names(policy.draft.segments_by), stage_names()
    for segment, stage in [*policy.lines, *cells]:
        segments.setdefault(segment, segment.replace("_", " ").capitalize())
        stages.setdefault(stage, stage.replace("_", " ").capitalize())
    return ({key: name for key, name in names.items() if key} for names in (segments, stages))  # type: ignore[return-value]


def condition_of(policy: Policy, *, segment: str, stage: str, hole: str) -> dict[str, Any]:
    """The accounts with one hole as a condition over facts. An empty segment or stage: those in none; `*`: all."""
    asked = []
    for fact, key in ((policy.draft.segments_by, segment), (REGISTER, stage)):
        if key != ANY:
            asked.append(_is(fact, "equal", key) if key else {"fact": fact, "operator": "isUnknown"})
    missing = [_is(MISSING, "contains", role) for role in ROLES]
    unknown = {"fact": MISSING, "operator": "isUnknown"}
    single = _is(SINGLE, "equal", True)
    by_hole = {NOBODY: unknown, SINGLE_HOLE: single, SHORT: {"any": [*missing, single, unknown]}}
    asked.append(by_hole.get(hole) or _is(MISSING, "contains", hole))
    return {"all": asked}


def _is(fact: str, operator: str, value: Any) -> dict[str, Any]:
    return {"fact": fact, "operator": operator, "value": value}


def accounts_with(source: Mapping[str, Any], user: User, *, at: dt.datetime) -> QuerySet[Any]:
    """The accounts that `user` may see and for which the condition is true, by name. Raises ConditionRefused."""
    rows: Any = listed()
    found = rows.for_user(user).filter(pk__in=matching(parse(source, catalogue()), at=moment(at)))
    return found.select_related("facts").prefetch_related("members__user").order_by("name", "pk")
