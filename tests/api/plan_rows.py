"""Rows of the lists about success plans."""

from collections.abc import Callable
from typing import Any

from tests.factories import accounts, retention


def a_template(number: int) -> None:
    template = retention.PlanTemplateFactory()
    for version in (1, 2):
        retention.PlanTemplateVersionFactory(template=template, number=version)


def a_plan(number: int) -> None:
    version = retention.PlanTemplateVersionFactory()
    plan = retention.SuccessPlanFactory(path=version)
    objective = _closable(plan)
    retention.PlanTaskFactory.create_batch(2, plan=plan, objective=objective)


def an_objective(number: int) -> None:
    _closable(retention.SuccessPlanFactory())


def _closable(plan: Any) -> Any:
    """An objective that could be closed at once."""
    return retention.PlanObjectiveFactory(
        plan=plan,
        our_owner=accounts.UserFactory(),
        their_owner=accounts.StakeholderFactory(account=plan.account),
        effort="2 hours",
        due_on=accounts.AT.date(),
    )


PLANS: dict[str, Callable[[int], Any]] = {
    "plan-templates": a_template,
    "success-plans": a_plan,
    "plan-objectives": an_objective,
    "plan-tasks": lambda number: retention.PlanTaskFactory(),
    "plan-wins": lambda number: retention.PlanWinFactory(),
    "plan-links": lambda number: retention.PlanLinkFactory(),
}
