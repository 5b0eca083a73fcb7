"""Risks that people raise: what is at stake, who owns it, the next step as work, and how it ended."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.events.subscriptions import subscribe
from accounts.foundation import audit
from accounts.foundation.clock import validate_plausible
from accounts.portfolio.events import happened
from accounts.portfolio.models import Account, AccountEvent
from accounts.team.models import User
from accounts.team.services import must_be_here
from accounts.workspace.queries import today, workspace
from retention.risks.models import Risk
from retention.work import services as work
from retention.work.models import WorkItem

STEP = "risk_step"
"""The kind of work that a next step is."""
BY_HOUR = dt.time(17)


class AlreadyClosed(ValidationError):
    """Somebody closed the risk before; nothing was changed."""


@transaction.atomic
def raise_risk(
    account: Account,
    *,
    category: str,
    title: str,
    next_step: str,
    next_step_on: dt.date,
    owner: User | None,
    by: Any,
    at: dt.datetime,
    cause: str = "",
    arr_minor: int | None = None,
) -> Risk:
    """A new risk of `account` with its next step, which is work for `owner` from now on.

    Raises ValidationError naming each field that is wrong.
    """
    must_be_here(owner, field="owner")
    risk = Risk(
        account=account,
        category=category,
        title=title.strip(),
        cause=cause.strip(),
        arr_minor=arr_minor,
        owner=owner,
        raised_at=at,
        raised_by=by,
    )
    risk.full_clean()
    _check_step(next_step, next_step_on, at=at)
    audit.create(risk, verb="risk.raise", by=by, at=at)
    happened("risk.raised", account, by=by, at=at, subject=risk, category=risk.get_category_display())
    return _take_step(risk, next_step.strip(), next_step_on, by=by, at=at)


@transaction.atomic
def change(risk: Risk, *, by: Any, at: dt.datetime, **values: Any) -> Risk:
    """Sets category, title, cause, ARR at risk, days between reviews or owner; the open step goes to the new owner."""
    _take_open(risk)
    if "owner" in values:
        must_be_here(values["owner"], field="owner")
    fresh = Risk.objects.get(pk=risk.pk)
    for name, value in values.items():
        setattr(fresh, name, value)
    fresh.full_clean()
    if audit.update(risk, verb="risk.change", by=by, at=at, **values):
        happened("risk.changed", risk.account, by=by, at=at, subject=risk)
    item = _open_item(risk)
    if item and "owner" in values and item.assignee_id != risk.owner_id:
        work.reassign(item, to=risk.owner, by=by, at=at)
    return risk


@transaction.atomic
def set_step(risk: Risk, *, next_step: str, next_step_on: dt.date, by: Any, at: dt.datetime) -> Risk:
    """What is done next about `risk`, by when; an earlier step that is still open is replaced."""
    _take_open(risk)
    _check_step(next_step, next_step_on, at=at)
    _end_item(risk, outcome="replaced", note="Another step took its place.", by=by, at=at)
    return _take_step(risk, next_step.strip(), next_step_on, by=by, at=at)


@transaction.atomic
def close(risk: Risk, *, outcome: str, by: Any, at: dt.datetime, lesson: str = "") -> Risk:
    """Ends `risk` with an outcome; its open step is no longer needed. That a risk came true needs what we learned."""
    wrong = {}
    if outcome not in Risk.Outcome.values:
        wrong["outcome"] = f"Choose how it ended: {', '.join(Risk.Outcome.values)}."
    if outcome in (Risk.Outcome.CAME_TRUE, Risk.Outcome.ACCEPTED) and not lesson.strip():
        wrong["lesson"] = "Say in a sentence what we learned, or why we live with it."
    if wrong:
        raise ValidationError(wrong)
    _take_open(risk)
    _end_item(risk, outcome="not_needed", note="The risk was closed.", by=by, at=at)
    audit.update(
        risk,
        verb="risk.close",
        by=by,
        at=at,
        state=Risk.State.CLOSED,
        outcome=outcome,
        lesson=lesson.strip(),
        closed_at=at,
        closed_by=by,
        next_step="",
        next_step_on=None,
        work_item=None,
    )
    happened("risk.closed", risk.account, by=by, at=at, subject=risk, outcome=risk.get_outcome_display())
    return risk


@subscribe("work.closed", name="ask for the next step of a risk")
def step_done(event: AccountEvent) -> None:
    """The step that was work is done: the risk needs another one, or an end."""
    if event.data.get("kind") != STEP:
        return
    number = int(event.subject.partition(":")[2])
    risk = Risk.objects.select_for_update().filter(work_item=number, state=Risk.State.OPEN).first()
    if risk is not None:
        audit.update(risk, verb="risk.step_done", by=None, at=event.at, next_step="", next_step_on=None, work_item=None)
        happened("risk.changed", risk.account, by=None, at=event.at, subject=risk)


def _check_step(text: str, on: dt.date, *, at: dt.datetime) -> None:
    day, wrong = today(at), {}
    if not text.strip():
        wrong["next_step"] = "Say what is done next about it."
    if len(text.strip()) > 200:
        wrong["next_step"] = "Say it in at most 200 characters."
    if on < day:
        wrong["next_step_on"] = f"Choose today, {day:%d %b %Y}, or a later day."
    if wrong:
        raise ValidationError(wrong)
    try:
        validate_plausible(on)
    except ValidationError as refused:
        raise ValidationError({"next_step_on": refused.messages}) from None


def _take_step(risk: Risk, text: str, on: dt.date, *, by: Any, at: dt.datetime) -> Risk:
    due_at = dt.datetime.combine(on, BY_HOUR, ZoneInfo(workspace().time_zone))
    item = work.open_item(
        risk.account, title=text, assignee=risk.owner, due_at=due_at, kind=STEP, guidance=risk.cause, by=by, at=at
    )
    audit.update(risk, verb="risk.plan_step", by=by, at=at, next_step=text, next_step_on=on, work_item=item)
    happened("risk.changed", risk.account, by=by, at=at, subject=risk)
    return risk


def _open_item(risk: Risk) -> WorkItem | None:
    return risk.work_item if risk.work_item and risk.work_item.is_open else None


def _end_item(risk: Risk, *, outcome: str, note: str, by: Any, at: dt.datetime) -> None:
    if item := _open_item(risk):
        work.close(item, outcome=outcome, note=note, by=by, at=at)


def _take_open(risk: Risk) -> None:
    """Locks the row, reads it anew and refuses one that is closed: two people may press the button at once."""
    risk.refresh_from_db(from_queryset=Risk.objects.select_for_update(of=("self",)).select_related("work_item"))
    if not risk.is_open:
        who = risk.closed_by or "The system"
        raise AlreadyClosed(f"{who} closed this risk on {risk.closed_at:%d %b %Y}. Nothing was changed.")


def take_open(risk: Risk) -> None:
    """Locks `risk` for a change of its plan; refuses one that is closed."""
    _take_open(risk)
