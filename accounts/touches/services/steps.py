import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.foundation import audit
from accounts.identity.merging import joiners
from accounts.portfolio.events import happened
from accounts.portfolio.models import Account
from accounts.touches.models import NextStep, Pulse
from accounts.touches.queries import latest_pulse, open_step
from accounts.touches.services.touch import OWN_FOR


@transaction.atomic
def set_pulse(account: Account, *, value: str, by: Any, at: dt.datetime, reason: str = "") -> Pulse:
    """Says how `account` stands in the judgement of `by`."""
    before = latest_pulse(account)
    pulse = Pulse(account=account, value=value, reason=reason.strip(), set_by=by, set_at=at)
    pulse.full_clean()
    audit.create(pulse, verb="pulse.set", by=by, at=at)
    earlier = before.value if before else ""
    happened("pulse.set", account, by=by, at=at, subject=pulse, value=value, was=earlier)
    return pulse


@transaction.atomic
def withdraw_pulse(pulse: Pulse, *, by: Any, at: dt.datetime) -> Pulse:
    """Takes back a pulse that `by` set within the last day: the one before it counts again."""
    _must_be_own(pulse, by=by, at=at)
    if pulse.withdrawn_at:
        raise ValidationError("This pulse is taken back already.")
    audit.update(pulse, verb="pulse.withdraw", by=by, at=at, withdrawn_at=at)
    happened("pulse.withdrawn", pulse.account, by=by, at=at, subject=pulse)
    return pulse


@transaction.atomic
def set_next_step(account: Account, *, text: str, by: Any, at: dt.datetime, due_on: dt.date | None = None) -> NextStep:
    """What is done next for `account`; it takes the place of the one that was open."""
    Account.objects.select_for_update().get(pk=account.pk)  # two people may set it at once
    earlier = open_step(account)
    step = NextStep(account=account, text=text.strip(), due_on=due_on, set_by=by, set_at=at, replaces=earlier)
    step.full_clean(validate_constraints=False)  # the one that is open closes in the next line
    if earlier:
        _close(earlier, NextStep.State.REPLACED, verb="next_step.replace", by=by, at=at)
    audit.create(step, verb="next_step.set", by=by, at=at)
    happened("next_step.set", account, by=by, at=at, subject=step, due=due_on.isoformat() if due_on else "")
    return step


@transaction.atomic
def complete_next_step(step: NextStep, *, by: Any, at: dt.datetime) -> NextStep:
    """Notes that the next step is done."""
    _close(step, NextStep.State.DONE, verb="next_step.complete", by=by, at=at)
    happened("next_step.done", step.account, by=by, at=at, subject=step)
    return step


@transaction.atomic
def withdraw_next_step(step: NextStep, *, by: Any, at: dt.datetime) -> NextStep | None:
    """Takes back a next step that `by` set within the last day; returns the one that is open again in its place."""
    _must_be_own(step, by=by, at=at)
    _close(step, NextStep.State.WITHDRAWN, verb="next_step.withdraw", by=by, at=at)
    again = step.replaces
    if again and again.state == NextStep.State.REPLACED:
        audit.update(again, verb="next_step.reopen", by=by, at=at, state=NextStep.State.OPEN, closed_at=None)
    happened("next_step.withdrawn", step.account, by=by, at=at, subject=step)
    return again


def _close(step: NextStep, state: str, *, verb: str, by: Any, at: dt.datetime) -> None:
    step.refresh_from_db(from_queryset=NextStep.objects.select_for_update())
    if step.state != NextStep.State.OPEN:
        raise ValidationError(f"This next step is closed already: {step.get_state_display().lower()}.")
    audit.update(step, verb=verb, by=by, at=at, state=state, closed_at=at)


def _must_be_own(row: Pulse | NextStep, *, by: Any, at: dt.datetime) -> None:
    if row.set_by_id is None or row.set_by_id != getattr(by, "pk", None) or at - row.set_at > OWN_FOR:
        raise ValidationError("Only whoever set this takes it back, within a day. Set it anew instead.")


@joiners.register("accounts.NextStep")
def join_next_steps(account: Account, into: Account) -> None:
    """The open next step of the account that stays is the next step; the other one was replaced by it."""
    if stays := NextStep.objects.filter(account=into, state=NextStep.State.OPEN).first():
        other = NextStep.objects.filter(account=account, state=NextStep.State.OPEN)
        other.update(state=NextStep.State.REPLACED, closed_at=stays.set_at)
    NextStep.objects.filter(account=account).update(account=into)
