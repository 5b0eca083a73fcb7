"""Objectives of a plan: added, changed, closed with evidence and next step, opened again, given up."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from accounts.facts.catalogue import Type
from accounts.facts.lookup import find
from accounts.foundation import audit
from accounts.portfolio.events import happened
from accounts.team.services import must_be_here
from retention.success_plans.models import PlanObjective, SuccessPlan
from retention.success_plans.tasks import take_plan
from retention.success_plans.versions import NotPossible, take

MANY = 40
"""Objectives of one plan: a longer one is no longer a plan."""
EDITABLE = (
    *("goal", "measure", "baseline", "target", "value", "unit", "fact", "alert_percent", "our_owner", "their_owner"),
    *("effort", "due_on", "evidence", "evidence_url", "next_step", "is_shared"),
)
MEASURING = (Type.NUMBER, Type.RATIO, Type.MONEY)
"""Types of facts that can measure an objective."""
NEEDED = {
    "goal": "Say what was to be reached.",
    "our_owner": "Choose who of us owns it.",
    "their_owner": "Choose who owns it at the customer; add them to the stakeholders first if need be.",
    "effort": "Say how much effort it took, such as 2 hours a week.",
    "due_on": "Give the date by which it was to be reached.",
    "next_step": "Say what comes next.",
}
"""What an objective cannot be closed without, and what to do about it."""


def _check(objective: PlanObjective) -> None:
    objective.full_clean(exclude=["plan"])
    plan = objective.plan
    if objective.their_owner and objective.their_owner.account_id != plan.account_id:
        raise ValidationError(
            {"their_owner": f"{objective.their_owner} is at another account; choose somebody of this one."}
        )
    fact = find(objective.fact) if objective.fact else None
    if objective.fact and (fact is None or fact.type not in MEASURING):
        raise ValidationError({"fact": "No fact that is a number or an amount is called so; choose another one."})
    if objective.target is not None and objective.target == objective.baseline:
        raise ValidationError({"target": "The target is where it stands already; give another one."})


@transaction.atomic
def add(plan: SuccessPlan, *, by: Any, at: dt.datetime, **values: Any) -> PlanObjective:
    """One more objective of an open plan; `values` are fields of PlanObjective."""
    take_plan(plan)
    found = plan.objectives.aggregate(last=Max("position"))["last"]
    position = 0 if found is None else found + 1
    if position >= MANY:
        raise ValidationError(f"A plan has at most {MANY} objectives.")
    must_be_here(values.get("our_owner"), field="our_owner")
    objective = PlanObjective(plan=plan, position=position, **values)
    _check(objective)
    audit.create(objective, verb="objective.add", by=by, at=at)
    happened("plan.objective_added", plan.account, by=by, at=at, subject=objective, goal=objective.goal)
    return objective


@transaction.atomic
def change(objective: PlanObjective, *, version: int | None, by: Any, at: dt.datetime, **values: Any) -> PlanObjective:
    """Sets fields of an objective that is open; Stale where somebody saved it since `version`."""
    take_plan(objective.plan)
    take(objective, version, values)
    _must_be_open(objective)
    fresh = PlanObjective.objects.select_related("plan__account").get(pk=objective.pk)
    for name, value in values.items():
        setattr(fresh, name, value)
    _check(fresh)
    if values.get("our_owner") and values["our_owner"] != objective.our_owner:
        must_be_here(values["our_owner"], field="our_owner")
    changed = {name: getattr(fresh, name) for name in values if getattr(fresh, name) != getattr(objective, name)}
    if changed:
        changed["version"] = objective.version + 1
        audit.update(objective, verb="objective.change", by=by, at=at, **changed)
        told: dict[str, Any] = {"goal": objective.goal, "what": sorted(changed.keys() - {"version"})}
        happened("plan.objective_changed", objective.plan.account, by=by, at=at, subject=objective, **told)
    return objective


def missing(objective: PlanObjective) -> dict[str, str]:
    """What still keeps an objective from being closed: field → what to do."""
    found = {name: text for name, text in NEEDED.items() if not getattr(objective, name)}
    if not objective.evidence and not objective.evidence_url:
        found["evidence"] = "Give evidence: a sentence, a number or a link is enough."
    return found


@transaction.atomic
def close(objective: PlanObjective, *, by: Any, at: dt.datetime, version: int | None = None, **values: Any) -> Any:
    """Closes an objective as reached, with evidence and next step; `values` are fields set with it.

    Raises ValidationError naming each field that is missing; then nothing is saved, not even `values`.
    """
    take_plan(objective.plan)
    take(objective, version, values)
    _must_be_open(objective)
    if values:
        change(objective, version=None, by=by, at=at, **values)
    if found := missing(objective):
        raise ValidationError(found)
    closed = {"state": PlanObjective.State.CLOSED, "closed_at": at, "closed_by": by}
    audit.update(objective, verb="objective.close", by=by, at=at, **closed, version=objective.version + 1)
    happened("plan.objective_closed", objective.plan.account, by=by, at=at, subject=objective, goal=objective.goal)
    return objective


@transaction.atomic
def reopen(objective: PlanObjective, *, by: Any, at: dt.datetime, version: int | None = None) -> PlanObjective:
    """An objective that was closed or dropped is to be reached again; what was written stays."""
    take_plan(objective.plan)
    take(objective, version)
    if objective.is_open:
        raise NotPossible("This objective is open already. Nothing was changed.")
    opened = {"state": PlanObjective.State.OPEN, "closed_at": None, "closed_by": None}
    audit.update(objective, verb="objective.reopen", by=by, at=at, **opened, version=objective.version + 1)
    happened("plan.objective_reopened", objective.plan.account, by=by, at=at, subject=objective, goal=objective.goal)
    return objective


@transaction.atomic
def drop(objective: PlanObjective, *, reason: str, by: Any, at: dt.datetime, version: int | None = None) -> Any:
    """Gives an objective up, for this reason; it counts no longer."""
    take_plan(objective.plan)
    take(objective, version)
    _must_be_open(objective)
    if not reason.strip():
        raise ValidationError({"reason": "Say in a sentence why it is given up."})
    dropped = {"state": PlanObjective.State.DROPPED, "version": objective.version + 1}
    audit.update(objective, verb="objective.drop", by=by, at=at, because=reason.strip()[:500], **dropped)
    happened("plan.objective_dropped", objective.plan.account, by=by, at=at, subject=objective, goal=objective.goal)
    return objective


def _must_be_open(objective: PlanObjective) -> None:
    if not objective.is_open:
        raise NotPossible(f"This objective is {objective.get_state_display().lower()} already. Nothing was changed.")
