"""Rows of the lists about success plans."""

import datetime as dt
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


def office_hours(number: int) -> None:
    series = retention.OfficeHoursFactory(starts_on=dt.date(2026, 1, 6), plan=retention.SuccessPlanFactory())
    retention.OfficeHoursGuestFactory.create_batch(2, series=series)
    retention.OfficeHoursSessionFactory(series=series)
    held = {"state": "held", "came": 3, "starts_at": accounts.AT - dt.timedelta(days=7)}
    retention.OfficeHoursSessionFactory(series=series, **held)


PLANS: dict[str, Callable[[int], Any]] = {
    "plan-templates": a_template,
    "success-plans": a_plan,
    "plan-objectives": an_objective,
    "plan-tasks": lambda number: retention.PlanTaskFactory(),
    "plan-wins": lambda number: retention.PlanWinFactory(),
    "prospect-links": lambda number: retention.ProspectLinkFactory(made_by=accounts.UserFactory()),
    "plan-links": lambda number: retention.PlanLinkFactory(),
}
HOURS: dict[str, Callable[[int], Any]] = {"office-hours": office_hours}
"""After work: its dates are work of their own."""
