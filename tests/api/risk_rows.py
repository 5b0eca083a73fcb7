"""Rows for the lists of milestones and risks: each with everything its list shows."""

from collections.abc import Callable
from typing import Any

from tests.factories import accounts, retention


def a_milestone(number: int) -> None:
    retention.MilestoneRouteFactory.create_batch(2, milestone=retention.ValueMilestoneFactory())


def a_risk(number: int) -> None:
    risk = retention.RiskFactory(owner=accounts.UserFactory(), raised_by=accounts.UserFactory())
    retention.RiskRemedyFactory.create_batch(2, risk=risk)
    retention.RiskReviewFactory.create_batch(2, risk=risk, by=accounts.UserFactory())


def a_risk_model(number: int) -> None:
    version = retention.RiskModelVersionFactory(published_by=accounts.UserFactory())
    retention.RiskSignalFactory.create_batch(2, version=version)


def a_coverage_policy(number: int) -> None:
    for line in retention.CoverageLineFactory.create_batch(2, version=retention.CoveragePolicyVersionFactory()):
        retention.CoverageRoleFactory.create_batch(2, line=line)


RISKS: dict[str, Callable[[int], Any]] = {
    "value-milestones": a_milestone,
    "account-milestones": lambda number: retention.AccountMilestoneFactory(noted_by=accounts.UserFactory()),
    "risks": a_risk,
    "risk-models": a_risk_model,
    "coverage-policies": a_coverage_policy,
    "audiences": lambda number: retention.AudienceFactory(),
    "risk-tiers": lambda number: retention.AccountRiskFactory(),
    "risk-tier-changes": lambda number: retention.RiskTierChangeFactory(),
}
